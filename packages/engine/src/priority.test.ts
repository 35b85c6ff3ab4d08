import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { World } from './world.test-kit.ts';

const http = 1;
const peer = 2;

/** A download with HTTP and a complete peer; somebody else of the site is at it, too. */
function besideSlowPeer(foreground: boolean): World {
  const world = new World({ pieceCount: 200, foreground });
  world.origin(http);
  world.peer(peer, PieceMap.full(200));
  world.peer(3, new PieceMap(200));
  world.scheduler.handle(
    { type: 'claimed', source: 3, runs: [{ first: 199, count: 1 }], rate: 0 },
    0,
  );
  return world;
}

/** Lets the peer send a piece each `pieceMs`. */
function pass(world: World, ms: number, pieceMs: number): void {
  for (const end = world.now + ms; world.now < end; ) {
    world.decide(50);
    const [fetch] = world.fetchesOf(peer);
    if (fetch !== undefined && world.now % pieceMs === 0) world.deliver(fetch);
  }
}

function setForeground(world: World, foreground: boolean): boolean {
  return world.scheduler.handle({ type: 'priority', foreground }, world.now);
}

const isAtHttp = (world: World) => world.fetchesOf(http).length > 0;
const notes = (world: World) =>
  world.scheduler.log
    .records()
    .map(({ type }) => type)
    .filter((type) => type === 'toForeground' || type === 'toBackground');

test('a background download that bears with slow peers goes to HTTP with the next decision', () => {
  const world = besideSlowPeer(false);
  // At 2 MiB/s for 3 s: the background does not judge them yet.
  pass(world, 3_000, 500);
  assert.equal(isAtHttp(world), false);
  assert.equal(setForeground(world, true), true, 'there is something to decide');
  world.decide();
  assert.ok(isAtHttp(world));
  assert.deepEqual(notes(world), ['toForeground']);
});

test('so does one that peers bring enough for the background', () => {
  const world = new World({ pieceCount: 400, backgroundQos: () => 1 << 20 });
  const half = new PieceMap(400);
  for (let p = 0; p < 200; p++) half.set(p);
  world.scheduler.handle({ type: 'originAllowed', allowed: false }, 0);
  world.origin(http);
  world.peer(peer, half, false);
  pass(world, 500, 100);
  world.scheduler.handle({ type: 'originAllowed', allowed: true }, world.now);
  pass(world, 2_000, 100);
  assert.equal(isAtHttp(world), false);
  setForeground(world, true);
  world.decide();
  assert.ok(isAtHttp(world));
  // And back: what HTTP was asked for comes to its end, and that is all.
  setForeground(world, false);
  while (isAtHttp(world)) world.deliver(world.fetchesOf(http)[0]!);
  pass(world, 2_000, 100);
  assert.equal(isAtHttp(world), false);
  assert.deepEqual(notes(world), ['toForeground', 'toBackground']);
});

test('told what it is already, it notes nothing', () => {
  const world = besideSlowPeer(true);
  setForeground(world, true);
  assert.deepEqual(notes(world), []);
});

test('from foreground to background it is as patient as one that began there', () => {
  const world = besideSlowPeer(true);
  setForeground(world, false);
  pass(world, 3_000, 500);
  assert.equal(isAtHttp(world), false);
  const hasty = besideSlowPeer(true);
  pass(hasty, 3_000, 500);
  assert.equal(isAtHttp(hasty), true);
});
