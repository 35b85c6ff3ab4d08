import type { PieceRun } from '@sluice/protocol';
import type { PeerState } from './source-state.ts';

export function includes(run: PieceRun, piece: number): boolean {
  return piece >= run.first && piece < run.first + run.count;
}

export function sameRun(a: PieceRun, b: PieceRun): boolean {
  return a.first === b.first && a.count === b.count;
}

/** Pieces that come again before the next new one, of a peer that streams the content from its start. */
export function passesOf(peer: PeerState): number {
  return peer.claims.some((c) => c.brought) ? 0 : peer.has.nextClear(0);
}
