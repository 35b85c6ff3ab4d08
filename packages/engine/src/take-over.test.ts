import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { PieceTable } from './piece-table.ts';
import { Responsibility } from './responsibility.ts';
import { type PeerState, sourceState } from './source-state.ts';
import { findLate } from './take-over.ts';
import { peerId } from './world.test-kit.ts';

const pieceCount = 40;
const pieceSize = 1 << 20;

/** A device of the site that is responsible for about half of the pieces and says that it is slow. */
function slowPeer() {
  const responsibility = new Responsibility(pieceCount, 7, peerId(1));
  const table = new PieceTable(new PieceMap(pieceCount), responsibility);
  const traits = { peerId: peerId(102), sameSite: true, sharesWork: true };
  const spec = { id: 2, kind: 'peer' as const, ...traits, has: new PieceMap(pieceCount) };
  const peer = sourceState(spec, 0) as PeerState;
  table.reclassifyGroups(responsibility.add(2, spec.peerId));
  peer.claimedRate = 100_000;
  peer.bringing.setBusy(true, 0);
  const late = (now: number) => {
    const options = { pieceCount, pieceSize, random: () => 0, foreground: true };
    return findLate([peer], table, { ms: 500, measured: true }, now, options);
  };
  return { peer, table, late };
}

test('the backlog of a device that says it is slow is shared', () => {
  const { table, late } = slowPeer();
  const found = late(2_000);
  assert.ok(found && found.ms > 10_000);
  assert.equal(table.responsibility.owner(found.piece), 2);
});

test('not while it brings more than it said', () => {
  const { peer, late } = slowPeer();
  for (let now = 0; now <= 2_000; now += 100) peer.bringing.received(pieceSize, now);
  assert.equal(late(2_000), undefined);
  assert.ok(late(30_000), 'it has stopped');
});
