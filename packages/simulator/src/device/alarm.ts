/** Rings at a time that is set anew again and again: one timer stands for the earliest, and mostly finds that it is not yet. */
export class Alarm {
  at = Number.POSITIVE_INFINITY;
  #timerAt = Number.POSITIVE_INFINITY;
  readonly #now: () => number;
  readonly #later: (ms: number, fn: () => void) => void;
  readonly #ring: () => void;

  constructor(now: () => number, later: (ms: number, fn: () => void) => void, ring: () => void) {
    this.#now = now;
    this.#later = later;
    this.#ring = ring;
  }

  /** Timers of an earlier run of the device are gone with it. */
  reset(): void {
    this.at = Number.POSITIVE_INFINITY;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  set(at: number): void {
    this.at = at;
    if (at >= this.#timerAt) return;
    this.#timerAt = at;
    this.#later(at - this.#now(), () => {
      if (this.#timerAt !== at) return;
      this.#timerAt = Number.POSITIVE_INFINITY;
      if (this.at <= this.#now()) this.#ring();
      else this.set(this.at);
    });
  }
}
