import { systemClock } from '@sluice/agent';
import type { Clock } from '@sluice/protocol';

/** The real clock, which can be put forward: what would come within that time comes at once. */
export class SkippingClock implements Clock {
  readonly #pending = new Set<{ at: number; fn: () => void; cancel: () => void }>();
  #skipped = 0;

  now(): number {
    return systemClock.now() + this.#skipped;
  }

  setTimer(ms: number, fn: () => void): () => void {
    const timer = { at: this.now() + ms, fn, cancel: () => {} };
    this.#pending.add(timer);
    this.#arm(timer);
    return () => {
      timer.cancel();
      this.#pending.delete(timer);
    };
  }

  skip(ms: number): void {
    this.#skipped += ms;
    for (const timer of this.#pending) {
      timer.cancel();
      this.#arm(timer);
    }
  }

  #arm(timer: { at: number; fn: () => void; cancel: () => void }): void {
    timer.cancel = systemClock.setTimer(timer.at - this.now(), () => {
      this.#pending.delete(timer);
      timer.fn();
    });
  }
}
