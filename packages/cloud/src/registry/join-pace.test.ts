import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JoinPace } from './join-pace.ts';

/** Joins at an even rate. @returns what the last was told */
function joins(pace: JoinPace, fromMs: number, seconds: number, perSecond: number): number {
  let stretch = 0;
  for (let i = 0; i < seconds * perSecond; i++) {
    stretch = pace.joined(fromMs + (i * 1000) / perSecond);
  }
  return stretch;
}

test('intervals grow while too many join, not beyond four times, and shrink when few have for a while', () => {
  const pace = new JoinPace(100);
  assert.equal(joins(pace, 0, 10, 100), 1);
  assert.equal(joins(pace, 10_000, 10, 150), 1, 'it is known after ten seconds');
  assert.equal(joins(pace, 20_000, 10, 150), 2);
  assert.equal(joins(pace, 30_000, 10, 80), 4);
  assert.equal(joins(pace, 40_000, 100, 150), 4);
  // Devices that were told so come back after four minutes.
  assert.equal(joins(pace, 140_000, 120, 20), 4);
  assert.equal(joins(pace, 260_000, 30, 20), 2);
  assert.equal(joins(pace, 290_000, 600, 40), 2, 'half of the interval would be too many again');
  assert.equal(joins(pace, 890_000, 20, 20), 1);
});

test('what nobody joined is no rate, and a pause makes intervals shorter', () => {
  const pace = new JoinPace(100);
  assert.equal(pace.joined(5), 1);
  joins(pace, 5, 10, 200);
  assert.equal(pace.joined(10_100), 2);
  assert.equal(pace.joined(10_000_000), 1);
});
