import { maxOffers } from '@sluice/protocol';

/** The rest is for what this device has: it must not fall silent about that while it downloads. */
const forDownloads = maxOffers - 1;

/**
 * Which contents are offered in this turn: at most four, downloads under way before what is complete,
 * and over the turns all of them.
 * @param turn counted up.
 */
export function chooseOffers<T>(
  downloads: readonly T[],
  complete: readonly T[],
  turn: number,
): T[] {
  const places = complete.length > 0 ? forDownloads : maxOffers;
  const first = inTurn(downloads, places, turn);
  return [...first, ...inTurn(complete, maxOffers - first.length, turn)];
}

function inTurn<T>(all: readonly T[], places: number, turn: number): T[] {
  if (all.length <= places) return [...all];
  return Array.from({ length: places }, (_, i) => all[(turn * places + i) % all.length]!);
}
