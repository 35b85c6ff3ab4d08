/** More devices of one site than this that want the same are a crowd: a few fetch for all, and turns are short. */
export const crowdSize = 16;

/**
 * Up to so many are no crowd for a device whose way up is idle most of the time, as where all wait for a thin line: it
 * can send to all of them at once, and turns are messages for nothing.
 */
export const smallCrowd = 24;

/**
 * Who leaves it to others of a large site to fetch connects at first to so many, and takes whoever comes. When all begin together
 * and each connects to as many as it may, the places of the first are taken by those right behind them: all the others
 * are then many steps away from them. Not fewer than make a crowd: who knows fewer would not go by its rules.
 */
const crowdDials = crowdSize + 1;

/**
 * Who comes last is told of all the others, and nobody is told of it: with its own connections only it has half as
 * many as they, and is through long after them. So it makes more when they have made theirs, after so long, ms.
 */
const settledMs = 1_000;

/** @returns how many connections such a device may make. @param made by it @param all it has @param forMs since it began */
export function crowdRoom(made: number, all: number, forMs: number): number {
  const atFirst = crowdDials - made;
  return forMs < settledMs ? atFirst : Math.max(atFirst, 2 * crowdDials - all);
}

/**
 * Among so many, all who hear of a piece are interested within moments: who gives slots to the first of them gives
 * them to the very devices that everybody else does. So they are gathered, and chosen from by chance, ms.
 */
export const gatherMs = 2;

/**
 * Few at once are through sooner, and are passed on: that counts while there is little here to exchange. With more here,
 * more at once keep all ways up and down busy.
 */
const growth = { piecesEach: 125, most: 5 };

/** Pieces that a device of a crowd asks of the others ahead, when it has few itself. */
export const crowdAhead = 7;

/**
 * Of a crowd so many fetch for all. When all do, each has a small part of the line, and nobody has anything to pass on
 * for long: fewer pieces at once come sooner. But no fewer than what a fetcher asks of peers at a time: its part of the
 * source's line must be no larger than the part of its own that peers leave to it.
 */
export const crowdFetchers = crowdAhead + growth.most;

/** @returns how many more a device of a crowd sends, and asks for, side by side when it has so many pieces. */
export function crowdGrowth(pieces: number): number {
  return Math.min(growth.most, Math.floor(pieces / growth.piecesEach));
}
