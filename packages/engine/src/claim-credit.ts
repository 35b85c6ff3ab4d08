/** Pieces that a device with none may claim; two more for each piece it has. */
const firstCredit = 8;

/**
 * How many pieces a device that has so many is believed to fetch at once: a liar holds no more up. A device
 * begins no run that goes beyond it, since what nobody believes is fetched by others, too.
 */
export function claimCredit(pieces: number): number {
  return firstCredit + 2 * pieces;
}
