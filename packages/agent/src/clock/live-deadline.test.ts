import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { LiveValue } from '../policy/live-value.ts';
import { LiveDeadline } from './live-deadline.ts';

function setUp(ms: number) {
  const clock = new ManualClock();
  const value = new LiveValue(ms);
  return { clock, value, limit: new LiveDeadline(clock, () => value.current, [value]) };
}

test('a deadline that moves is counted from the same start', () => {
  const { clock, value, limit } = setUp(100);
  clock.advance(50);
  value.set(200);
  clock.advance(149);
  assert.equal(limit.signal.aborted, false);
  clock.advance(1);
  assert.equal(limit.signal.aborted, true);
});

test('one that moves into the past is reached at once, and can begin anew', () => {
  const { clock, value, limit } = setUp(100);
  clock.advance(50);
  value.set(20);
  assert.equal(limit.signal.aborted, true);
  limit.restart();
  clock.advance(19);
  assert.equal(limit.signal.aborted, false);
  clock.advance(1);
  assert.equal(limit.signal.aborted, true);
});

test('when it is not needed any more nothing is left of it', () => {
  const { clock, value, limit } = setUp(100);
  limit[Symbol.dispose]();
  assert.equal(clock.pending, 0);
  value.set(50);
  assert.equal(clock.pending, 0);
  assert.equal(limit.signal.aborted, false);
});
