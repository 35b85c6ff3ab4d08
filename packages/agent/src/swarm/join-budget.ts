import { TokenBucket } from '@sluice/engine';
import type { Clock } from '@sluice/protocol';

/** Twice as many as there are places. */
const burst = 100;
/** Pieces of all that come, looked at in a second: 0.15 us each at worst, coming and going. */
const piecesPerSecond = 1_000_000;

/**
 * How often peers may come: while this device lacks something, all pieces are looked at when one comes and when it
 * goes, which costs it a handshake only.
 */
export class JoinBudget {
  readonly #clock: Clock;
  readonly #joins: TokenBucket;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#joins = new TokenBucket(0, burst, clock.now());
  }

  /** @param pieces that are looked at for each that comes. @returns whether one more may come now. */
  take(pieces: number): boolean {
    if (pieces === 0) return true;
    const now = this.#clock.now();
    this.#joins.setRate(piecesPerSecond / pieces, burst, now);
    return this.#joins.tryTake(1, now);
  }
}
