import type { Clock } from '@sluice/protocol';

/** Lets bytes through at a rate on average, a second's worth of them at once. */
export class Pace {
  readonly #clock: Clock;
  readonly #rate: number;
  /** When what was taken so far is paid for, ms of the clock. */
  #paidAt = Number.NEGATIVE_INFINITY;

  /** @param rate bytes a second */
  constructor(clock: Clock, rate: number) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** @returns resolves when they may pass. @throws the reason of `signal` */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    this.#paidAt = Math.max(this.#paidAt, now - 1000) + (bytes / this.#rate) * 1000;
    const wait = this.#paidAt - now;
    if (wait > 0) await sleep(this.#clock, wait, signal);
  }
}

function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.setTimer(ms, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}
