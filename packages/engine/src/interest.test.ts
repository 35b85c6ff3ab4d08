import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { World } from './world.test-kit.ts';

const pieceCount = 40;

/**
 * Brings the only piece of peer 2 while peer 3 has so many more.
 * @param unchokedMs how long peer 2 has let us ask by then
 * @returns when peer 2 hears of it, ms
 */
function toldAfter(more: number, unchokedMs = 0, isOnSite = true): number {
  const world = new World({ pieceCount });
  const only = new PieceMap(pieceCount);
  only.set(0);
  const others = new PieceMap(pieceCount);
  for (let p = 1; p <= more; p++) others.set(p);
  world.peer(2, only, false, isOnSite);
  world.peer(3, others, false);
  // What it has cannot be asked for: the ways up are what is short.
  world.scheduler.handle({ type: 'choked', source: 3, choked: true }, 0);
  world.decide();
  world.decide(unchokedMs);
  world.deliver(world.fetchesOf(2)[0]!);
  for (let ms = 0; ms < 5_000; ms += 50) {
    const told = world.decide(50);
    if (told.some((a) => a.type === 'interest' && a.source === 2 && !a.interested)) return ms;
  }
  return Number.POSITIVE_INFINITY;
}

test('who is in step with the others keeps its interest for a moment, who is behind does not', () => {
  assert.equal(toldAfter(0), 300);
  assert.equal(toldAfter(8), 300);
  assert.equal(toldAfter(9), 0);
});

test('it keeps it for longer where a peer of the site has not choked for a while', () => {
  assert.equal(toldAfter(0, 1_900), 1_500);
  assert.equal(toldAfter(0, 1_900, false), 300);
  assert.equal(toldAfter(9, 1_900), 0);
});
