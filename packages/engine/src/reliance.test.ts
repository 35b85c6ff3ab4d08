import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Reliance } from './reliance.ts';

function relying(): Reliance {
  const reliance = new Reliance();
  reliance.setFetches(false, 0);
  reliance.countNeighbour(1, 0);
  return reliance;
}

test('relies on others only where it does not fetch and there are others', () => {
  const reliance = new Reliance();
  assert.equal(reliance.relies, false);
  reliance.setFetches(false, 0);
  assert.equal(reliance.relies, false, 'nobody is there');
  reliance.countNeighbour(1, 0);
  assert.equal(reliance.relies, true);
  reliance.countNeighbour(-1, 0);
  assert.equal(reliance.relies, false);
});

test('gives others up when nothing ever came for fifteen seconds, until something comes', () => {
  const reliance = relying();
  assert.equal(reliance.expire(15_000), false);
  assert.equal(reliance.expire(15_001), true);
  assert.equal(reliance.relies, false);
  assert.equal(reliance.expire(19_000), false, 'told once');
  reliance.news(19_500);
  assert.equal(reliance.relies, true);
});

test('waits longer where something new comes seldom, but not for ever', () => {
  for (const [gapMs, patienceMs] of [
    [100, 3_000],
    [1_000, 5_000],
    [20_000, 30_000],
  ] as const) {
    const reliance = relying();
    reliance.news(gapMs);
    assert.equal(reliance.expire(gapMs + patienceMs), false, `${gapMs}`);
    assert.equal(reliance.expire(gapMs + patienceMs + 1), true, `${gapMs}`);
  }
});
