import { maxPieces } from '../phf/limits.ts';
import type { PieceRun } from '../pieces/index.ts';
import { dataView, fits, invalid } from './wire.ts';

/** Runs in one claim at most. */
export const maxClaimRuns = 1024;

const headLength = 6;
const runLength = 8;
const rateUnit = 1024;

/** Pieces a peer is fetching from outside the swarm (`claim`), or fetches no longer (`release`). */
export interface Claim {
  /** How fast it gets them in all, bytes/s; 0 = not known yet. Whole KiB/s on the wire. */
  rate: number;
  runs: PieceRun[];
}

/**
 * The body of a claim or release. The rate is rounded to KiB/s, never to 0 when it is not.
 * @throws RangeError on values that do not fit.
 */
export function encodeClaim(claim: Claim): Uint8Array {
  const { rate, runs } = claim;
  if (runs.length > maxClaimRuns) throw new RangeError(`${runs.length} runs in a claim`);
  if (!(rate >= 0)) throw new RangeError(`rate ${rate}`);
  const units = rate === 0 ? 0 : Math.max(1, Math.round(rate / rateUnit));
  const bytes = new Uint8Array(headLength + runLength * runs.length);
  const view = dataView(bytes);
  view.setUint32(0, Math.min(units, 0xffff_ffff));
  view.setUint16(4, runs.length);
  runs.forEach((run, i) => {
    view.setUint32(headLength + runLength * i, fits(run.first, 32, 'piece'));
    view.setUint32(headLength + runLength * i + 4, fits(run.count, 32, 'count'));
  });
  return bytes;
}

/**
 * Reads the body of a claim or release. All runs together have at most `pieceCount` pieces, so that
 * walking over them costs no more than one walk over the content.
 * @param pieceCount pieces of the content; runs past its end are refused.
 * @throws InvalidMessage
 */
export function decodeClaim(body: Uint8Array, pieceCount: number = maxPieces): Claim {
  if (body.length < headLength) throw invalid(`claim of ${body.length} bytes`);
  const view = dataView(body);
  const count = view.getUint16(4);
  if (count > maxClaimRuns || body.length !== headLength + runLength * count) {
    throw invalid(`claim of ${count} runs in ${body.length} bytes`);
  }
  const runs: PieceRun[] = [];
  let pieces = 0;
  for (let at = headLength; at < body.length; at += runLength) {
    const run = { first: view.getUint32(at), count: view.getUint32(at + 4) };
    pieces += run.count;
    if (run.count === 0 || run.first + run.count > pieceCount || pieces > pieceCount) {
      throw invalid('claim of pieces that the content does not have');
    }
    runs.push(run);
  }
  return { rate: view.getUint32(0) * rateUnit, runs };
}
