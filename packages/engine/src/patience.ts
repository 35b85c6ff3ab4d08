import type { PeerState } from './source-state.ts';

/** A device that has work and is silent is given at least so long … */
const minSilenceMs = 3_000;
/** … and where nothing is known of it so long. While many begin what it says of its first moments counts for nothing. */
const minFirstMs = 6_000;
/** Without own experience of the thin link: who has delivered before is believed for longer. */
const maxSilenceMs = { unproven: 15_000, proven: 120_000 };
/** Silence is judged by this many times the time one piece should take. */
const factor = 3;
/** Who says that it is slower than so many times this device is not waited for at its word. */
const maxSlowness = 4;
/** After its first lapse a peer is not believed for so long, twice as long after the next, … ms. */
const firstDistrustMs = 1_000;
const maxDistrustMs = 60_000;

/**
 * How long a peer that has pieces to fetch from HTTP may bring none before others do its work, ms.
 * Many devices on a thin link are all slow at once, so the measure is what a piece takes this
 * device now, and what the peer says of itself.
 * @param mine what one piece takes this device from HTTP, ms; 0 if unknown
 * @param passes pieces that come again before the next new one: a stream begins at the start
 * @param isCrowd many on this site want the same
 */
export function patienceMs(
  peer: PeerState,
  pieceSize: number,
  mine: number,
  passes = 0,
  isCrowd = false,
): number {
  if (peer.claims.length === 0) return minSilenceMs;
  let expected = (1 + passes) * (claimMs(peer, pieceSize) || mine);
  if (mine > 0) expected = Math.min(expected, maxSlowness * (1 + passes) * mine);
  const unknown = peer.delivered > 0 ? maxSilenceMs.proven : maxSilenceMs.unproven;
  const limit = mine > 0 ? Number.POSITIVE_INFINITY : unknown;
  const isUnknown = expected === 0 || (isCrowd && peer.delivered === 0);
  const least = isUnknown ? minFirstMs : minSilenceMs;
  return Math.max(least, Math.min(limit, factor * expected));
}

/** For how long a peer that let its work lie is not believed, which it did so often before, ms. */
export function distrustMs(lapses: number): number {
  return Math.min(maxDistrustMs, firstDistrustMs * 2 ** lapses);
}

/** When the pieces that a peer fetches now should have come, by its own word, ms; 0 if unknown. */
export function claimMs(peer: PeerState, pieceSize: number): number {
  return peer.claimedRate > 0 ? (1000 * peer.claims.length * pieceSize) / peer.claimedRate : 0;
}
