import { TokenBucket } from './rate/token-bucket.ts';

/** Pieces that a device with none may claim; two more for each piece it has. */
const firstCredit = 8;

/**
 * How many pieces a device that has so many is believed to fetch at once: a liar holds no more up. A device
 * begins no run that goes beyond it, since what nobody believes is fetched by others, too.
 */
export function claimCredit(pieces: number): number {
  return firstCredit + 2 * pieces;
}

/** A peer may claim the content twice, since requests fail, and small ones at will … */
const leastWalk = 1_024;
/** … and so many pieces a second in the long run: 40 ns each at worst. */
const walkPerSecond = 16_384;

/** How many pieces a peer's claims may have us walk over: 20 bytes can claim, and give back, a million. */
export function claimWalks(pieceCount: number, now: number): TokenBucket {
  return new TokenBucket(walkPerSecond, leastWalk + 2 * pieceCount, now);
}
