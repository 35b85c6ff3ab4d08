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

/**
 * A device of the site that is responsible for about half of the pieces and says that it is slow.
 * @param more devices that are, too.
 */
function slowPeer(more = 0) {
  const responsibility = new Responsibility(pieceCount, 7, peerId(1));
  const table = new PieceTable(new PieceMap(pieceCount), responsibility);
  const traits = { sameSite: true, sharesWork: true };
  const peers = Array.from({ length: 1 + more }, (_, n) => {
    const spec = { ...traits, id: 2 + n, peerId: peerId(102 + n), has: new PieceMap(pieceCount) };
    const peer = sourceState({ ...spec, kind: 'peer' as const }, 0) as PeerState;
    table.reclassifyGroups(responsibility.add(spec.id, spec.peerId));
    peer.bringing.setBusy(true, 0);
    return peer;
  });
  for (const peer of peers) peer.claimedRate = table.backlog(peer.id) > 0 ? 100_000 : 0;
  const late = (now: number) => {
    const options = { pieceCount, pieceSize, random: () => 0, foreground: true };
    return findLate(peers, table, { ms: 500, measured: true }, now, options);
  };
  return { peers, peer: peers[0]!, table, late };
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

test('in a crowd, where most are idle, who takes as long as all of them is not late', () => {
  const { peers, table, late } = slowPeer(16);
  assert.ok(table.responsibility.isCrowded);
  for (const peer of peers) peer.delivered = 1;
  assert.equal(late(2_000), undefined);
  // Of whose pieces this device is to take one over, should it be late.
  const slow = peers.find(({ id }) => table.findNextInLine(id, 0, pieceCount) >= 0)!;
  slow.claimedRate = 10_000;
  const found = late(2_000);
  assert.equal(found && table.responsibility.owner(found.piece), slow.id);
  slow.delivered = 0;
  assert.equal(late(2_000), undefined, 'it may have just begun');
  slow.claims.push({ run: { first: 0, count: 1 }, since: 0, brought: false, lacks: 1, next: 0 });
  assert.equal(late(4_000), undefined);
  assert.ok(late(4_001));
});
