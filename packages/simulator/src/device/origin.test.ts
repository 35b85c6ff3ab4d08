import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playTo, testWorld } from '../testing/world.ts';
import { Origin } from './origin.ts';
import type { World } from './world.ts';

const none = Number.POSITIVE_INFINITY;
/** A piece a second. */
const options = { rate: 1e6, perConnection: none, maxConnections: none, sequential: false };

function getter(world: World) {
  const log: string[] = [];
  const at = () => Math.round(world.timeline.now());
  return {
    log,
    pipes: [],
    latencyMs: 10,
    onPiece: (piece: number) => log.push(`${piece} at ${at()}`),
    onPayload: () => {},
    onEnded: (ok: boolean) => log.push(`${ok ? 'done' : 'failed'} at ${at()}`),
  };
}

test('pieces come one after the other, after the latency', () => {
  const world = testWorld();
  const source = new Origin(world, options);
  const g = getter(world);
  source.get([3, 4], g);
  playTo(world, 5_000);
  assert.deepEqual(g.log, ['3 at 1010', '4 at 2010', 'done at 2010']);
  assert.equal(source.served, 2e6);
});

test('a request more than there are connections waits for its turn', () => {
  const world = testWorld();
  const source = new Origin(world, { ...options, maxConnections: 1 });
  const [a, b, c] = [getter(world), getter(world), getter(world)];
  source.get([0], a);
  const second = source.get([1], b);
  source.get([2], c);
  playTo(world, 500);
  second.end(true);
  playTo(world, 5_000);
  assert.deepEqual(a.log, ['0 at 1010', 'done at 1010']);
  assert.deepEqual(b.log, ['done at 500']);
  assert.deepEqual(c.log, ['2 at 2010', 'done at 2010']);
});

test('a source that fails ends what is under way and what comes, until it recovers', () => {
  const world = testWorld();
  const source = new Origin(world, options);
  const [a, b, c] = [getter(world), getter(world), getter(world)];
  source.get([0, 1], a);
  world.timeline.setTimer(1_500, () => source.fail());
  world.timeline.setTimer(1_600, () => source.get([1], b));
  world.timeline.setTimer(2_000, () => {
    source.recover();
    source.get([1], c);
  });
  playTo(world, 5_000);
  assert.deepEqual(a.log, ['0 at 1010', 'failed at 1500']);
  assert.deepEqual(b.log, ['failed at 1610']);
  assert.deepEqual(c.log, ['1 at 3010', 'done at 3010']);
  assert.equal(source.served, 2.49e6);
});

test('a cache node fills once for all who ask, and then serves from what it has', () => {
  const world = testWorld();
  const source = new Origin(world, options);
  let fills = 0;
  const cache = new Origin(world, { ...options, rate: 1e7 }, (piece, done) => {
    fills++;
    source.get([piece], { ...getter(world), onEnded: done });
  });
  const [a, b, c] = [getter(world), getter(world), getter(world)];
  cache.get([5], a);
  cache.get([5], b);
  playTo(world, 3_000);
  cache.get([5], c);
  playTo(world, 6_000);
  assert.equal(fills, 1);
  assert.equal(source.served, 1e6);
  // Filled at 1,020; two share the way out.
  assert.deepEqual([a.log[0], b.log[0]], ['5 at 1220', '5 at 1220']);
  assert.equal(c.log[0], '5 at 3110');
});

test('what a cache node cannot fill fails for all who wait', () => {
  const world = testWorld();
  const cache = new Origin(world, options, (_piece, done) => {
    world.timeline.setTimer(100, () => done(false));
  });
  const [a, b] = [getter(world), getter(world)];
  cache.get([0], a);
  cache.get([0], b);
  playTo(world, 1_000);
  assert.deepEqual([a.log, b.log], [['failed at 110'], ['failed at 110']]);
});
