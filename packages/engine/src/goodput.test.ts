import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Goodput } from './goodput.ts';

/** Receives at `rate` bytes/s from `from` ms for `ms`, told every 50 ms. */
function stream(goodput: Goodput, rate: number, from: number, ms: number): number {
  for (let t = 50; t <= ms; t += 50) goodput.received((rate * 50) / 1000, from + t);
  return from + ms;
}

test('is nothing before the first byte', () => {
  const goodput = new Goodput();
  assert.equal(goodput.rate(0), 0);
  assert.equal(goodput.known(0), 0);
  assert.equal(goodput.measured, false);
});

test('comes to the rate of a steady source, whatever it is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 1e9 }), (rate) => {
      const goodput = new Goodput();
      goodput.setBusy(true, 0);
      const end = stream(goodput, rate, 0, 5_000);
      assert.ok(Math.abs(goodput.rate(end) / rate - 1) < 0.05, `${goodput.rate(end)} of ${rate}`);
    }),
  );
});

test('follows a change of rate within a few seconds', () => {
  const goodput = new Goodput();
  goodput.setBusy(true, 0);
  const changed = stream(goodput, 1e6, 0, 10_000);
  const end = stream(goodput, 1e5, changed, 8_000);
  assert.ok(goodput.rate(end) < 1.3e5, `${goodput.rate(end)}`);
});

test('a busy source that sends nothing sinks, an idle one keeps its rate', () => {
  const goodput = new Goodput();
  goodput.setBusy(true, 0);
  const end = stream(goodput, 1e6, 0, 4_000);
  goodput.setBusy(false, end);
  const kept = goodput.rate(end + 60_000);
  assert.ok(Math.abs(kept / 1e6 - 1) < 0.05);
  goodput.setBusy(true, end + 60_000);
  assert.ok(goodput.rate(end + 70_000) < 0.05 * kept);
});

test('the rest of what was cancelled does not make a source fast', () => {
  const goodput = new Goodput();
  goodput.setBusy(true, 0);
  const end = stream(goodput, 1e5, 0, 4_000);
  goodput.setBusy(false, end);
  stream(goodput, 1e5, end, 4_000);
  assert.ok(goodput.rate(end + 4_000) < 1.1e5);
});

test('is judged only after it was busy for so long', () => {
  const goodput = new Goodput();
  goodput.setBusy(true, 0);
  const end = stream(goodput, 1e5, 0, 1_000);
  goodput.setBusy(false, end);
  assert.ok(goodput.known(end) > 0);
  assert.equal(goodput.known(end + 9_000, 2), 0, 'idle time does not count');
  goodput.setBusy(true, end + 9_000);
  stream(goodput, 1e5, end + 9_000, 1_100);
  assert.ok(goodput.known(end + 10_100, 2) > 0);
});

test('a first burst out of some buffer is not taken for the rate', () => {
  const goodput = new Goodput();
  goodput.setBusy(true, 0);
  goodput.received(1 << 20, 2);
  assert.ok(goodput.rate(2) <= 10 * (1 << 20));
  assert.equal(goodput.known(2), 0, 'too early to judge by');
  assert.ok(goodput.known(300) > 0);
});

test('a clock that stands still or steps back does no harm', () => {
  const goodput = new Goodput();
  goodput.setBusy(true, 1_000);
  goodput.received(1_000, 1_000);
  goodput.received(1_000, 900);
  assert.ok(Number.isFinite(goodput.rate(800)));
});
