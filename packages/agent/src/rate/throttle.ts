import { TokenBucket } from '@sluice/engine';
import { type Clock, sluiceError } from '@sluice/protocol';

/** Passes at once, ms of the rate: little, so that a link is not hit by bursts. */
const turnMs = 10;
const turnBytes = { least: 4 * 1024, most: 256 * 1024 };
/** What may be made up for after a delay of this process, ms. */
const burstMs = 50;

/** A limit in bytes/s that several transfers share: each takes a little in turn. */
export class Throttle {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  #turn = turnBytes.most;
  /** Those who wait, in order. */
  readonly #waiters = new Set<{ wanted: number; give: (bytes: number) => void }>();
  #cancelTimer: (() => void) | undefined;

  /** @param rate bytes/s, above 0; Infinity = no limit. */
  constructor(clock: Clock, rate = Number.POSITIVE_INFINITY) {
    this.#clock = clock;
    this.#bucket = new TokenBucket(rate, turnBytes.most, clock.now());
    this.setRate(rate);
  }

  /** Whether there is no limit: nothing needs to be taken. */
  get isOpen(): boolean {
    return this.#bucket.rate === Number.POSITIVE_INFINITY;
  }

  setRate(rate: number): void {
    const turn = (rate * turnMs) / 1000;
    this.#turn = Math.max(turnBytes.least, Math.min(turnBytes.most, Math.round(turn)));
    const burst = Number.isFinite(rate) ? (rate * burstMs) / 1000 : 0;
    this.#bucket.setRate(rate, Math.max(2 * this.#turn, burst), this.#clock.now());
    this.#serve();
  }

  /** Takes up to `wanted` bytes. @returns how many; 0 when it is not the caller's turn: `take` waits for it. */
  tryTake(wanted: number): number {
    return this.#waiters.size > 0 ? 0 : this.#grant(wanted);
  }

  /** Waits for its turn. @returns 1 to `wanted` bytes. @throws Cancelled */
  async take(wanted: number, signal: AbortSignal): Promise<number> {
    if (signal.aborted) throw sluiceError('Cancelled', {}, { cause: signal.reason });
    const now = this.tryTake(wanted);
    if (now > 0) return now;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const waiter = { wanted, give: resolve };
    const cancel = () => {
      this.#waiters.delete(waiter);
      reject(sluiceError('Cancelled', {}, { cause: signal.reason }));
      this.#serve();
    };
    this.#waiters.add(waiter);
    signal.addEventListener('abort', cancel, { once: true });
    this.#serve();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  /** Bytes that were taken and did not pass. */
  giveBack(bytes: number): void {
    this.#bucket.giveBack(bytes);
  }

  #grant(wanted: number): number {
    if (this.isOpen) return wanted;
    const bytes = Math.min(wanted, this.#turn);
    return this.#bucket.tryTake(bytes, this.#clock.now()) ? bytes : 0;
  }

  #serve(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    for (const waiter of this.#waiters) {
      const bytes = this.#grant(waiter.wanted);
      if (bytes === 0) {
        const wanted = Math.min(waiter.wanted, this.#turn);
        // Timers are as exact as a millisecond: less would only be asked for again.
        const ms = Math.max(1, this.#bucket.msUntil(wanted, this.#clock.now()));
        this.#cancelTimer = this.#clock.setTimer(ms, () => this.#serve());
        return;
      }
      this.#waiters.delete(waiter);
      waiter.give(bytes);
    }
  }
}
