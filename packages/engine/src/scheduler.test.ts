import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { World } from './world.test-kit.ts';

test('alone, it fetches everything from HTTP in runs', () => {
  const world = new World({ pieceCount: 64 });
  world.origin(1);
  let requests = 0;
  while (!world.scheduler.complete) {
    requests += world.decide(10).filter((a) => a.type === 'fetch').length;
    for (const f of world.fetchesOf(1)) world.deliver(f);
  }
  assert.equal(world.fetched, 64);
  assert.ok(requests < 64, `${requests} requests for 64 pieces`);
  assert.equal(world.scheduler.log.askedFor('responsible'), 64);
});

test('peers that deliver well keep HTTP out of it', () => {
  const world = new World({ pieceCount: 100 });
  world.origin(1);
  world.peer(2, PieceMap.full(100), false);
  world.peer(3, PieceMap.full(100), false);
  while (!world.scheduler.complete) {
    world.decide(5);
    for (const f of [...world.fetchesOf(2), ...world.fetchesOf(3)]) world.deliver(f);
  }
  assert.equal(world.scheduler.log.askedFor('peer'), 100);
  assert.equal(world.fetchesOf(1).length, 0);
});

test('two equal peers give about half each', () => {
  const world = new World({ pieceCount: 200 });
  world.peer(2, PieceMap.full(200), false);
  world.peer(3, PieceMap.full(200), false);
  const from = new Map<number, number>();
  while (!world.scheduler.complete) {
    world.decide(5);
    for (const id of [2, 3]) {
      const fetch = world.fetchesOf(id)[0];
      if (fetch === undefined) continue;
      world.deliver(fetch);
      from.set(id, (from.get(id) ?? 0) + 1);
    }
  }
  assert.ok(Math.abs(from.get(2)! - 100) <= 10, `${from.get(2)} of 200`);
});

test('a source without ranges is asked once, for the whole, by one device only', () => {
  const world = new World({ pieceCount: 16 });
  world.origin(1);
  world.decide();
  world.scheduler.handle({ type: 'sourceSequential', source: 1 }, 0);
  // The first decision ends the requests for parts.
  const fetches = [...world.decide(), ...world.decide()].filter((a) => a.type === 'fetch');
  assert.deepEqual(
    fetches.map((f) => f.run),
    [{ first: 0, count: 16 }],
  );
});

test('with a cache at work HTTP stays out after it was measured', () => {
  const world = new World({ pieceCount: 200 });
  world.origin(1, 'http');
  world.origin(2, 'cache');
  world.decide();
  assert.equal(world.fetchesOf(1).length, 1, 'one request tells how fast HTTP is');
  while (!world.scheduler.complete) {
    for (const f of [...world.open.keys()]) world.deliver(f);
    world.decide(5);
  }
  const http = world.actions.filter((a) => a.type === 'fetch' && a.source === 1);
  assert.ok(http.length <= 4, `${http.length} HTTP requests beside a fast cache`);
});

test('tells a peer interest when it gets something we lack, and its end', () => {
  const world = new World({ pieceCount: 2 });
  world.peer(2, new PieceMap(2), false);
  world.has.get(2)!.set(1);
  world.scheduler.handle({ type: 'peerHas', source: 2, piece: 1 }, 0);
  const asked = world.decide();
  assert.ok(asked.some((a) => a.type === 'interest' && a.interested));
  world.deliver(world.fetchesOf(2)[0]!);
  world.decide();
  assert.ok(world.decide(500).some((a) => a.type === 'interest' && !a.interested));
});

test('a stream leaves to peers what they have', () => {
  const world = new World({ pieceCount: 10 });
  const half = new PieceMap(10);
  for (let p = 0; p < 5; p++) half.set(p);
  world.peer(2, half, false);
  world.origin(1);
  world.scheduler.handle({ type: 'sourceSequential', source: 1 }, 0);
  world.decide();
  assert.equal(world.fetchesOf(1).length, 1);
  assert.ok(world.fetchesOf(2).length > 0, 'the peer is asked as well');
  while (world.fetchesOf(2).length > 0) {
    world.deliver(world.fetchesOf(2)[0]!);
    world.decide(10);
  }
  assert.equal(world.fetched, 5);
});

test('a peer that comes with everything while a source is streamed is asked, and ends the stream', () => {
  const world = new World({ pieceCount: 10 });
  world.origin(1);
  world.scheduler.handle({ type: 'sourceSequential', source: 1 }, 0);
  world.decide();
  world.peer(2, PieceMap.full(10), false);
  while (!world.scheduler.complete) {
    world.decide(10);
    const fetch = world.fetchesOf(2)[0];
    assert.ok(fetch !== undefined, 'the peer is not asked');
    world.deliver(fetch);
  }
  world.decide();
  assert.equal(world.open.size, 0);
});

test('an empty content is complete from the start', () => {
  const world = new World({ pieceCount: 0 });
  assert.ok(world.scheduler.complete);
  assert.deepEqual(world.decide(), []);
});
