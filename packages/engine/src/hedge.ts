import type { SourceId } from './events.ts';
import type { Flights } from './flights.ts';
import type { SourceState } from './source-state.ts';

/** A second request must be expected to save at least this. HTTP saves more or stays out: it may be thin. */
const minGainMs = { peer: 500, cache: 1_000, http: 2_000 };
/** More candidates are not looked at: hedging is for the last few pieces. */
const maxCandidates = 64;

/** Second requests a download may make: 1 % of its pieces, at least one. */
export function hedgeBudget(pieceCount: number): number {
  return Math.max(1, Math.floor(pieceCount / 100));
}

/**
 * The piece in flight elsewhere that `source`, idle now, would most clearly bring sooner; -1 if none.
 * The expected time of a piece is that of all its source still owes us.
 */
export function findHedge(
  source: SourceState,
  flights: Flights,
  sources: ReadonlyMap<SourceId, SourceState>,
  pieceSize: number,
  now: number,
): number {
  const mine = expectedMs(pieceSize, source.goodput.rate(now));
  let best = -1;
  let bestGain = minGainMs[source.kind];
  let looked = 0;
  for (const piece of flights.pieces()) {
    if (++looked > maxCandidates) break;
    const [flight, second] = flights.of(piece);
    if (!flight || second || flight.source === source.id || flight.reason === 'stream') continue;
    if (source.kind === 'peer' && !source.has.has(piece)) continue;
    const other = sources.get(flight.source);
    if (!other) continue;
    // A queue that does not move has no measured time: count how long it has been silent.
    const owed = expectedMs(other.pending * pieceSize, other.goodput.rate(now));
    const theirs = Math.max(owed, now - other.heardAt);
    if (theirs > 2 * mine && theirs - mine > bestGain) {
      best = piece;
      bestGain = theirs - mine;
    }
  }
  return best;
}

function expectedMs(bytes: number, rate: number): number {
  return rate > 0 ? (1000 * bytes) / rate : 0;
}
