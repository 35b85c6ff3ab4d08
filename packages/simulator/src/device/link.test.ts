import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { playTo, testWorld } from '../testing/world.ts';
import { requestBytes } from './control-bytes.ts';
import { HaveLog } from './have-log.ts';
import { LinkEnd, type Node } from './link.ts';
import type { World } from './world.ts';

/** A node that serves what it is asked and notes what it hears. */
function node(world: World, index: number) {
  const log: string[] = [];
  let payload = 0;
  const note = (what: string) => log.push(`${what} at ${Math.round(world.timeline.now())}`);
  const self: Node & { log: string[]; payload: () => number } = {
    log,
    payload: () => payload,
    index,
    peerId: String(index),
    haves: new HaveLog(world.logs, new PieceMap(world.pieceCount)),
    running: true,
    complete: false,
    shows: new PieceMap(world.pieceCount),
    sharesWork: true,
    handicap: 0,
    routeTo: () => assert.fail(),
    accepts: () => true,
    claims: () => ({ runs: [], rate: 0 }),
    connected: () => {},
    closed: () => note('closed'),
    onRequest: (link, piece) => link.serve(piece, true),
    onInterest: (_, interested) => note(interested ? 'interested' : 'not interested'),
    onChoke: (_, choked) => note(choked ? 'choked' : 'unchoked'),
    onClaim: () => note('claim'),
    onRelease: () => note('release'),
    onShares: () => note('shares'),
    onPiece: (_, piece) => note(`piece ${piece}`),
    onPayload: (_, bytes) => {
      payload += bytes;
    },
    onUploaded: () => {},
  };
  return self;
}

/** Two nodes 10 ms apart; the first sends a piece (1 MB) a second. */
function pair(pieceBytes = 1_000_000) {
  const world = { ...testWorld(), pieceBytes };
  const [a, b] = [node(world, 1), node(world, 2)];
  const pipes = [world.network.pipe(pieceBytes)];
  const route = { pipes, cap: Number.POSITIVE_INFINITY, latencyMs: 10, peerClass: 'Lan' as const };
  const ends: LinkEnd[] = [];
  a.connected = b.connected = (link) => ends.push(link);
  LinkEnd.connect(world, a, b, route, route);
  const [atA, atB] = ends as [LinkEnd, LinkEnd];
  return { world, a, b, atA, atB };
}

test('messages take the latency; pieces are served in order, one after the other', () => {
  const { world, b, atA, atB } = pair();
  atA.setServing(true);
  atB.request(4);
  atB.request(2);
  playTo(world, 3_000);
  assert.deepEqual(b.log, ['unchoked at 10', 'piece 4 at 1010', 'piece 2 at 2010']);
  assert.equal(b.payload(), 2e6);
});

test('a request that crosses a choke is dropped, the piece under way comes to its end', () => {
  const { world, b, atA, atB } = pair();
  atA.setServing(true);
  atB.request(1);
  atB.request(2);
  world.timeline.setTimer(500, () => atA.setServing(false));
  playTo(world, 5_000);
  assert.deepEqual(b.log, ['unchoked at 10', 'choked at 510', 'piece 1 at 1010']);
});

test('a cancelled piece that waits is not sent; of one under way the MiB that has begun is', () => {
  const { world, b, atA, atB } = pair(4 * requestBytes);
  atA.setServing(true);
  atB.request(1);
  atB.request(2);
  world.timeline.setTimer(20, () => atB.cancel(2));
  world.timeline.setTimer(300, () => atB.cancel(1));
  playTo(world, 5_000);
  assert.deepEqual(b.log, ['unchoked at 10']);
  // It arrives 300 ms after the first byte: in the second of four.
  assert.equal(b.payload(), 2 * requestBytes);
});

test('a closed link stops what is under way, and the other end hears of it later', () => {
  const { world, b, atA, atB } = pair();
  atA.setServing(true);
  atB.request(1);
  world.timeline.setTimer(510, () => atA.close(100));
  playTo(world, 2_000);
  assert.deepEqual(b.log, ['unchoked at 10', 'closed at 610']);
  assert.equal(b.payload(), 5e5);
  assert.equal(world.network.flowCount, 0);
});
