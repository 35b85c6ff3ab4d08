import type { Clock } from '@sluice/protocol';

/** Fires when nothing happened for a while. `progress()` costs no timer, so it may be called per read. */
export class Watchdog {
  readonly #clock: Clock;
  #ms = 0;
  #last = 0;
  #expired: () => void = () => {};
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins a wait of `ms`, in place of any earlier one. */
  start(ms: number, expired: () => void): void {
    this.stop();
    this.#ms = ms;
    this.#last = this.#clock.now();
    this.#expired = expired;
    this.#arm(ms);
  }

  /** Something happened: the wait begins anew. */
  progress(): void {
    this.#last = this.#clock.now();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(ms: number): void {
    this.#cancel = this.#clock.setTimer(ms, () => {
      this.#cancel = undefined;
      const left = this.#last + this.#ms - this.#clock.now();
      if (left > 0) this.#arm(left);
      else this.#expired();
    });
  }
}
