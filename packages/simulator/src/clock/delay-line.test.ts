import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DelayLines } from './delay-line.ts';

test('delay lines: the same delay keeps its order, each comes at its time', () => {
  const lines = new DelayLines();
  const fired: string[] = [];
  const push = (to: string[], what: string) => to.push(what);
  lines.of(10).after(0, push, fired, 'a');
  lines.of(2).after(0, push, fired, 'b');
  lines.of(10).after(1, push, fired, 'c');
  assert.equal(lines.nextAt, 2);
  lines.fireDue(2);
  assert.deepEqual(fired, ['b']);
  lines.fireDue(11);
  assert.deepEqual(fired, ['b', 'a', 'c']);
  assert.equal(lines.nextAt, Number.POSITIVE_INFINITY);
});

test('a delay line keeps what is on its way in order while it grows and after', () => {
  const lines = new DelayLines();
  const fired: number[] = [];
  const push = (to: number[], what: number) => to.push(what);
  const sent = (now: number) => 1 + (now % 7);
  let count = 0;
  for (let now = 0; now < 20_000; now++) {
    for (let k = 0; k < sent(now); k++) lines.of(50).after(now, push, fired, count++);
    lines.fireDue(now);
  }
  assert.ok(lines.waiting > 64);
  lines.fireDue(30_000);
  assert.deepEqual(
    fired,
    Array.from({ length: count }, (_, k) => k),
  );
  assert.equal(lines.waiting, 0);
});
