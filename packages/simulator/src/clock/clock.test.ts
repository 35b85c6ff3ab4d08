import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DelayLines } from './delay-line.ts';
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

test('delay lines: the same delay keeps its order, each comes at its time', () => {
  const lines = new DelayLines();
  const fired: string[] = [];
  lines.after(0, 10, () => fired.push('a'));
  lines.after(0, 2, () => fired.push('b'));
  lines.after(1, 10, () => fired.push('c'));
  assert.equal(lines.nextAt, 2);
  lines.fireDue(2);
  assert.deepEqual(fired, ['b']);
  lines.fireDue(11);
  assert.deepEqual(fired, ['b', 'a', 'c']);
  assert.equal(lines.nextAt, Number.POSITIVE_INFINITY);
});

test('a delay line forgets what has passed: it is not as long as the run', () => {
  const lines = new DelayLines();
  let fired = 0;
  for (let now = 0; now < 20_000; now++) {
    lines.after(now, 5, () => fired++);
    lines.fireDue(now);
  }
  lines.fireDue(30_000);
  assert.equal(fired, 20_000);
  assert.equal(lines.waiting, 0);
});
