import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { World } from './world.test-kit.ts';

const pieceCount = 400;

/** So many peers with everything that let us download. */
function among(count: number, sameSite = true): World {
  const world = new World({ pieceCount });
  const has = PieceMap.full(pieceCount);
  for (let id = 2; id < 2 + count; id++) world.peer(id, has, false, sameSite);
  return world;
}

test('of a crowd on the site few pieces are asked ahead, and another for each that comes', () => {
  const world = among(40);
  world.decide();
  assert.equal(world.open.size, 1, 'the first copies go to as many as possible');
  for (let k = 1; k <= 40; k++) {
    world.deliver([...world.open.keys()][0]!);
    world.decide(30);
    assert.equal(world.open.size, Math.min(7, 1 + k), 'more with more to pass on');
  }
});

test('who has asked for as much as it may decides nothing anew because of what a peer says, until something comes', () => {
  const world = among(40);
  const { scheduler } = world;
  const hears = () => {
    const has = new PieceMap(pieceCount);
    has.set(0);
    world.peer(50, has, false);
    world.decide();
    return [
      scheduler.handle({ type: 'choked', source: 50, choked: true }, world.now),
      scheduler.handle({ type: 'choked', source: 50, choked: false }, world.now),
      scheduler.handle({ type: 'peerHas', source: 50, piece: 7 }, world.now),
    ];
  };
  assert.equal(scheduler.isFull, false, 'nothing is decided yet');
  assert.deepEqual(hears(), [false, false, false]);
  const [fetch, { run }] = [...world.open][0]!;
  assert.ok(scheduler.handle({ type: 'pieceGood', fetch, piece: run.first }, world.now));
  world.decide();
  assert.ok(world.scheduler.isFull);
  world.decide(950);
  assert.equal(scheduler.decide(world.now).wakeAt, 1_000, 'what has not come is late then');
  // Of few, each is asked for more as soon as it may be.
  const few = among(3);
  few.decide();
  assert.ok(few.scheduler.handle({ type: 'choked', source: 2, choked: true }, few.now));
});

test('more are asked ahead when they come fast', () => {
  const world = among(40);
  for (let k = 0; k < 300; k++) {
    world.decide(1);
    world.deliver([...world.open.keys()][0]!);
  }
  world.decide(1);
  // A thousand a second for 20 ms, less what the measure lags behind.
  assert.ok(world.open.size > 12 && world.open.size <= 21, `${world.open.size}`);
});

test('what slow devices owe does not keep from asking others', () => {
  const world = among(40);
  world.decide();
  const slow = new Set(world.open.keys());
  world.decide(1_001);
  const later = [...world.open.keys()].filter((f) => !slow.has(f));
  assert.equal(later.length, slow.size);
});

test('each of a crowd is asked for one piece at a time', () => {
  const world = among(17);
  for (let k = 0; k < 100; k++) {
    world.decide(30);
    const sources = [...world.open.values()].map((a) => a.source);
    assert.equal(new Set(sources).size, sources.length);
    world.deliver([...world.open.keys()][0]!);
  }
});

test('of a few, and of peers elsewhere, as much is asked as each may have queued', () => {
  for (const world of [among(16), among(40, false)]) {
    world.decide();
    assert.ok(world.open.size >= 32, `${world.open.size}`);
  }
});

test('a fast peer is asked for as much as it may have queued, whoever else has room for one piece only', () => {
  const world = among(1);
  const other = 9;
  const has = new PieceMap(pieceCount);
  world.peer(other, has, false);
  for (let k = 0; k < 60; k++) {
    // At 80 pieces a second it may have 16 queued; four of them come between two decisions.
    has.set(k);
    world.scheduler.handle({ type: 'peerHas', source: other, piece: k }, world.now);
    world.decide(50);
    if (k > 20) assert.equal(world.fetchesOf(2).length, 16, `at ${k}`);
    for (const fetch of world.fetchesOf(2).slice(0, 4)) world.deliver(fetch);
    for (const fetch of world.fetchesOf(other)) world.deliver(fetch);
  }
});

test('a peer that had its queue full, and has nothing left to bring, is asked as soon as it has', () => {
  const world = new World({ pieceCount });
  const [full, other] = [new PieceMap(pieceCount), new PieceMap(pieceCount)];
  for (const piece of [0, 1, 2]) full.set(piece);
  world.peer(2, full, false);
  world.decide();
  assert.equal(world.fetchesOf(2).length, 2);
  for (let p = 0; p < 3; p++) other.set(p);
  world.peer(3, other, false);
  world.decide();
  assert.equal(world.fetchesOf(3).length, 1, 'the third piece');
  for (const fetch of world.fetchesOf(2)) world.deliver(fetch);
  world.decide();
  assert.ok(world.scheduler.handle({ type: 'peerHas', source: 2, piece: 7 }, world.now));
});
