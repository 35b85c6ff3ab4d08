import type { PieceTable } from './piece-table.ts';
import type { OriginState, PeerState } from './source-state.ts';

/** A responsible device that neither claims nor gets anything for so long is not waited for. */
const idleOwnerMs = 3_000;
/** A backlog that lasts so much longer than one piece would take here is shared. */
const takeOverMarginMs = 1_000;
/** Peers that have pieces and send none for so long leave the field to HTTP. */
const starvedLimitMs = 1_000;

/** Whether a responsible peer has pieces to begin and shows no sign of it. */
export function letsTurnPass(peer: PeerState, backlog: number, now: number): boolean {
  return backlog > 0 && peer.claims.length === 0 && now - peer.activeAt > idleOwnerMs;
}

/**
 * The responsible peer with the longest backlog, when that is so long that an idle device should help.
 * @param pieceMs what one piece would take this device, 0 if unknown
 */
export function lateOwner(
  peers: PeerState[],
  table: PieceTable,
  pieceMs: number,
  pieceSize: number,
): PeerState | undefined {
  let latest: PeerState | undefined;
  let longest = 2 * pieceMs + takeOverMarginMs;
  for (const peer of peers) {
    if (peer.claimedRate <= 0) continue;
    const ms = (1000 * table.backlog(peer.id) * pieceSize) / peer.claimedRate;
    if (ms > longest) {
      latest = peer;
      longest = ms;
    }
  }
  return latest;
}

/**
 * Whether HTTP must help although peers have the pieces: they send nothing, or would take several
 * times as long. This is what keeps the first promise: never slower than a plain download.
 */
export function floorIsDue(
  origin: OriginState,
  peers: PeerState[],
  table: PieceTable,
  starvedMs: number,
  options: { pieceSize: number; foreground: boolean },
  now: number,
): boolean {
  if (table.availableCount === 0) return false;
  if (starvedMs > starvedLimitMs) return true;
  if (!origin.goodput.measured) return false;
  let peerRate = 0;
  for (const p of peers) if (!p.choked && !p.dead) peerRate += p.goodput.rate(now);
  const missing = (table.have.length - table.have.count) * options.pieceSize;
  const viaPeers = (1000 * missing) / Math.max(1, peerRate);
  const viaHttp = (1000 * missing) / Math.max(1, origin.goodput.rate(now));
  const [factor, margin] = options.foreground ? [2, 1_500] : [4, 3_000];
  return viaPeers > factor * viaHttp + margin;
}
