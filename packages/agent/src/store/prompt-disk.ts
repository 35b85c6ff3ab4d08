import { TokenBucket } from '@sluice/engine';
import type { Clock } from '@sluice/protocol';

/** The page cache takes or gives a part of a piece in less; what took longer has waited, ms. */
const promptMs = 2;
/** The loop waits no longer than this part of the time, ms in a second; what it did not wait is saved up to so many ms. */
const waitingRate = 50;
const maxSaved = 200;

/**
 * Whether the event loop itself may write and read. What goes into the page cache, or comes from it, takes less of the
 * processor than a turn of the thread pool does. But a call waits where the disk is behind, or what is read has to come
 * from there: the loop does so for a small part of the time only, and leaves the rest to the pool. What waits for a
 * processor looks the same, and is treated so.
 */
export class PromptDisk {
  readonly #clock: Clock;
  readonly #spare: TokenBucket;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#spare = new TokenBucket(waitingRate, maxSaved, clock.now());
  }

  /** Asked before each call. */
  get isPrompt(): boolean {
    return this.#spare.available(this.#clock.now()) > 0;
  }

  /** Makes a call that may wait. @throws what the call throws */
  run<T>(call: () => T): T {
    const startedAt = this.#clock.now();
    try {
      return call();
    } finally {
      const now = this.#clock.now();
      if (now - startedAt > promptMs) this.#spare.take(now - startedAt, now);
    }
  }
}
