import type { Clock } from '@sluice/protocol';

/** A real clock that knows how many of its timers wait, and may run faster than the day. */
export class CountingClock implements Clock {
  readonly #speed: number;
  readonly #pending = new Set<NodeJS.Timeout>();

  /** @param speed how many of its milliseconds a real one has. */
  constructor(speed = 1) {
    this.#speed = speed;
  }

  get pending(): number {
    return this.#pending.size;
  }

  now(): number {
    return performance.now() * this.#speed;
  }

  setTimer(ms: number, fn: () => void): () => void {
    const timer = setTimeout(() => {
      this.#pending.delete(timer);
      fn();
    }, Math.max(0, ms) / this.#speed);
    this.#pending.add(timer);
    return () => {
      clearTimeout(timer);
      this.#pending.delete(timer);
    };
  }
}
