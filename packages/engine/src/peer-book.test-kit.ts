import { PieceMap } from '@sluice/protocol';
import type { Action } from './events.ts';
import { PeerBook } from './peer-book.ts';
import { PieceTable } from './piece-table.ts';
import { Responsibility } from './responsibility.ts';
import { type PeerState, sourceState } from './source-state.ts';
import { peerId } from './world.test-kit.ts';

export const pieceSize = 1 << 20;

/** What one device knows of its peers, and ways for these to say something. */
export function newBook(pieceCount: number) {
  const table = new PieceTable(
    new PieceMap(pieceCount),
    new Responsibility(pieceCount, 7, peerId(1)),
  );
  const actions: Action[] = [];
  const book = new PeerBook({ pieceCount, pieceSize }, table, (a) => actions.push(a));
  const join = (id: number, has = new PieceMap(pieceCount), now = 0): PeerState => {
    const spec = {
      id,
      kind: 'peer' as const,
      peerId: peerId(100 + id),
      sameSite: true,
      sharesWork: true,
      has,
    };
    const peer = sourceState(spec, now) as PeerState;
    book.add(peer, 0);
    return peer;
  };
  const claim = (peer: PeerState, first: number, count: number, now: number, rate = 0) =>
    book.handle(peer, { type: 'claimed', source: peer.id, runs: [{ first, count }], rate }, now);
  const has = (peer: PeerState, piece: number, now: number) => book.onHas(peer.id, piece, now);
  return { table, book, actions, join, claim, has };
}
