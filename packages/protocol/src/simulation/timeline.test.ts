import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Timeline } from './timeline.ts';

test('timers fire in order of time, those of one moment in the order they were set', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (delays) => {
      const timeline = new Timeline();
      const fired: [at: number, k: number][] = [];
      for (const [k, ms] of delays.entries()) timeline.setTimer(ms, () => fired.push([ms, k]));
      timeline.moveTo(20);
      timeline.fireDue();
      const sorted = fired.toSorted(([a, i], [b, k]) => a - b || i - k);
      assert.deepEqual(fired, sorted);
      assert.equal(fired.length, delays.length);
    }),
  );
});

test('a cancelled timer does not fire, and is not waited for', () => {
  const timeline = new Timeline();
  const cancel = timeline.setTimer(5, () => assert.fail());
  timeline.setTimer(9, () => {});
  cancel();
  assert.equal(timeline.nextAt, 9);
  timeline.moveTo(9);
  timeline.fireDue();
  assert.equal(timeline.nextAt, Number.POSITIVE_INFINITY);
});

test('a timer set when one fires is due in its turn', () => {
  const timeline = new Timeline();
  const fired: number[] = [];
  timeline.setTimer(1, () => {
    fired.push(1);
    timeline.setTimer(0, () => fired.push(2));
  });
  timeline.moveTo(3);
  timeline.fireDue();
  assert.deepEqual(fired, [1, 2]);
});
