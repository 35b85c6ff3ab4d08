import type { PieceRun } from '@sluice/protocol';
import { claimCredit } from './claim-credit.ts';
import type { PieceTable } from './piece-table.ts';
import type { Round } from './round.ts';
import type { OriginState } from './source-state.ts';

/** Pieces in one HTTP request, at most. */
const maxRun = 32;

/** Which of the pieces that are this device's to fetch go into one request. */
export class OwnRuns {
  readonly #table: PieceTable;
  #cursor: number;

  constructor(table: PieceTable, options: { pieceCount: number; random: () => number }) {
    this.#table = table;
    // Devices that begin before they know of each other should not all begin with the same pieces.
    this.#cursor = Math.floor(options.random() * options.pieceCount);
  }

  /** A run about a second long, and never so long that the other requests starve. There must be own pieces. */
  next(origin: OriginState, { now, origins, pieceSize }: Round): PieceRun {
    const { own, have } = this.#table;
    let first = own.nextSet(this.#cursor);
    if (first < 0) first = own.nextSet(0);
    const perFetch = origin.goodput.rate(now) / Math.max(1, origin.fetches);
    const fair = own.count / (2 * origin.maxFetches);
    // What is on its way, and a piece for each request that can be made beside this one.
    const others = origins.reduce((sum, o) => sum + o.pending + o.maxFetches - o.fetches, -1);
    const believed = claimCredit(have.count) - others;
    const limit = Math.max(1, Math.min(maxRun, fair, perFetch / pieceSize, believed));
    let count = 1;
    while (count + 1 <= limit && own.has(first + count)) count++;
    this.#cursor = first + count;
    return { first, count };
  }
}
