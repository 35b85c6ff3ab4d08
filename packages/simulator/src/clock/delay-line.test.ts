import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DelayLines } from './delay-line.ts';

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
