import type { Clock } from '@sluice/protocol';

/** How often timers are looked at, real ms. */
const tickMs = 2;
/** So much of the time between two ticks counts at most, real ms. */
const longestStepMs = 4;

/**
 * A clock beside the day's that knows how many of its timers wait, and may run faster. While the machine
 * does not let this process run, hardly any of its time passes: a test's bounds hold on a busy machine, too.
 */
export class CountingClock implements Clock {
  readonly #speed: number;
  readonly #pending = new Set<{ at: number; fn: () => void }>();
  readonly #ticker: NodeJS.Timeout;
  #now = 0;
  #tickedAt = performance.now();

  /** @param speed how many of its milliseconds a real one has. */
  constructor(speed = 1) {
    this.#speed = speed;
    // Like a real clock it keeps nobody alive but who waits for a timer.
    this.#ticker = setInterval(() => this.#tick(), tickMs).unref();
  }

  get pending(): number {
    return this.#pending.size;
  }

  now(): number {
    const passed = Math.min(performance.now() - this.#tickedAt, longestStepMs);
    return this.#now + passed * this.#speed;
  }

  setTimer(ms: number, fn: () => void): () => void {
    const timer = { at: this.now() + Math.max(0, ms), fn };
    this.#pending.add(timer);
    this.#ticker.ref();
    return () => this.#remove(timer);
  }

  #tick(): void {
    this.#now = this.now();
    this.#tickedAt = performance.now();
    const due = [...this.#pending].filter(({ at }) => at <= this.#now);
    for (const timer of due.sort((a, b) => a.at - b.at)) {
      // One that fired before may have cancelled it.
      if (!this.#pending.has(timer)) continue;
      this.#remove(timer);
      timer.fn();
    }
  }

  #remove(timer: { at: number; fn: () => void }): void {
    this.#pending.delete(timer);
    if (this.#pending.size === 0) this.#ticker.unref();
  }
}
