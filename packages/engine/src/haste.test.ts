import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { World } from './world.test-kit.ts';

/** A device with HTTP and a complete peer that takes requests and sends nothing. */
function besideSilentPeer(): World {
  const world = new World({ pieceCount: 8 });
  world.origin(1);
  world.peer(2, PieceMap.full(8));
  return world;
}

function silence(world: World, ms: number, stepMs: number): void {
  for (let t = 0; t < ms; t += stepMs) world.decide(stepMs);
}

test('who is alone with a complete peer waits a moment for it', () => {
  const world = besideSilentPeer();
  silence(world, 300, 50);
  assert.equal(world.fetchesOf(1).length, 0);
  silence(world, 300, 50);
  assert.ok(world.fetchesOf(1).length > 0);
});

test('not while somebody of the site is at it, too, nor after that', () => {
  const world = besideSilentPeer();
  const half = new PieceMap(8);
  for (let p = 0; p < 4; p++) half.set(p);
  world.peer(3, half);
  world.scheduler.handle(
    { type: 'claimed', source: 3, runs: [{ first: 4, count: 1 }], rate: 0 },
    0,
  );
  silence(world, 1_000, 50);
  world.remove(3);
  silence(world, 1_000, 50);
  assert.equal(world.fetchesOf(1).length, 0);
});

test('one of many that leave it to others to fetch is not alone, though its neighbours do not fetch either', () => {
  const world = new World({ pieceCount: 8 });
  world.origin(1);
  world.scheduler.handle({ type: 'selfFetches', fetches: false }, 0);
  const some = new PieceMap(8);
  for (let p = 0; p < 6; p++) some.set(p);
  world.peer(2, some, false);
  silence(world, 1_000, 50);
  assert.equal(world.fetchesOf(1).length, 0);
});

test('a machine that is late itself does not take others for slow', () => {
  const world = besideSilentPeer();
  world.decide();
  silence(world, 1_500, 250);
  assert.equal(world.fetchesOf(1).length, 0);
});

/** A complete peer that has sent so many bytes after each step of 50 ms. */
function besidePeer(bytesPerStep: number, pieceCount = 32): World & { pass(ms: number): void } {
  const world = new World({ pieceCount });
  world.origin(1);
  world.peer(2, PieceMap.full(pieceCount));
  world.decide();
  const pass = (ms: number) => {
    for (let t = 0; t < ms; t += 50) {
      const bytes = bytesPerStep;
      world.scheduler.handle({ type: 'received', source: 2, bytes }, world.now + 50);
      world.decide(50);
    }
  };
  return Object.assign(world, { pass });
}

test('beside peers that look slow at once, HTTP begins with one piece, and goes on when they are', () => {
  const world = besidePeer(6_000);
  world.pass(150);
  assert.equal(world.fetchesOf(1).length, 1);
  world.pass(50);
  assert.equal(world.fetchesOf(1).length, 1);
  world.pass(200);
  assert.ok(world.fetchesOf(1).length > 1);
});

test('beside peers that are fast at once, HTTP stays out', () => {
  const world = besidePeer(500_000);
  world.pass(2_000);
  assert.equal(world.fetchesOf(1).length, 0);
});
