import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { peerId, World } from './world.test-kit.ts';

const pieceCount = 400;

/** So many peers with everything that let us download. */
function among(count: number, sameSite = true): World {
  const world = new World({ pieceCount });
  const has = PieceMap.full(pieceCount);
  for (let id = 2; id < 2 + count; id++) {
    if (sameSite) {
      world.peer(id, has, false);
      continue;
    }
    const source = { id, kind: 'peer', peerId: peerId(id), sharesWork: false, has } as const;
    world.scheduler.handle({ type: 'sourceAdded', source: { ...source, sameSite } }, 0);
    world.scheduler.handle({ type: 'choked', source: id, choked: false }, 0);
  }
  return world;
}

test('of a crowd on the site few pieces are asked ahead, and another for each that comes', () => {
  const world = among(40);
  world.decide();
  assert.equal(world.open.size, 10);
  for (let k = 0; k < 30; k++) {
    world.deliver([...world.open.keys()][0]!);
    world.decide(30);
    assert.equal(world.open.size, 10);
  }
});

test('more are asked ahead when they come fast', () => {
  const world = among(40);
  for (let k = 0; k < 200; k++) {
    world.decide(5);
    world.deliver([...world.open.keys()][0]!);
  }
  world.decide(5);
  // 200 a second for a fifth of a second, less what the measure lags behind.
  assert.ok(world.open.size > 20 && world.open.size <= 41, `${world.open.size}`);
});

test('what slow devices owe does not keep from asking others', () => {
  const world = among(40);
  world.decide();
  const slow = new Set(world.open.keys());
  world.decide(1_001);
  const later = [...world.open.keys()].filter((f) => !slow.has(f));
  assert.equal(later.length, 10);
});

test('of a few, and of peers elsewhere, as much is asked as each may have queued', () => {
  for (const world of [among(16), among(40, false)]) {
    world.decide();
    assert.ok(world.open.size >= 32, `${world.open.size}`);
  }
});
