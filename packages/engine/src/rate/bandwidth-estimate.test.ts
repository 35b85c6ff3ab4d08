import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BandwidthEstimate } from './bandwidth-estimate.ts';

/** Receives at `rate` bytes/s for `seconds`, told every 10 ms. @returns the time after. */
function receive(estimate: BandwidthEstimate, rate: number, from: number, seconds: number) {
  const end = from + seconds * 1_000;
  for (let t = from; t < end; t += 10) estimate.received(rate / 100, t);
  return end;
}

test('is measured at full rate for three seconds, of which the first does not count', () => {
  const estimate = new BandwidthEstimate();
  assert.equal(estimate.isMeasuring(0), true);
  let now = receive(estimate, 9e6, 0, 1);
  assert.equal(estimate.isMeasuring(now), true);
  assert.equal(estimate.rate, undefined);
  now = receive(estimate, 1e6, now, 2);
  assert.equal(estimate.isMeasuring(now), false);
  assert.ok(Math.abs(estimate.rate! / 1e6 - 1) < 0.02, `${estimate.rate}`);
});

test('what comes at the limited rate changes nothing; after three minutes it is measured anew', () => {
  const estimate = new BandwidthEstimate();
  let now = receive(estimate, 1e6, 0, 4);
  now = receive(estimate, 0.45e6, now, 170);
  assert.equal(estimate.isMeasuring(now), false);
  assert.ok(estimate.rate! > 0.98e6);
  now = receive(estimate, 0.45e6, now, 10);
  assert.equal(estimate.isMeasuring(now), true);
  now = receive(estimate, 3e6, now, 4);
  assert.equal(estimate.isMeasuring(now), false);
  assert.ok(estimate.rate! > 2.9e6);
});

test('a link that got slower is believed four minutes later', () => {
  const estimate = new BandwidthEstimate();
  let now = receive(estimate, 4e6, 0, 4);
  now = receive(estimate, 1e6, now, 185);
  assert.ok(estimate.rate! > 3.9e6, 'the larger one still holds');
  now = receive(estimate, 1e6, now, 185);
  assert.ok(estimate.rate! < 1.1e6, `${estimate.rate}`);
});

test('a pause is not taken for a slow link', () => {
  const estimate = new BandwidthEstimate();
  const now = receive(estimate, 2e6, 0, 2);
  receive(estimate, 2e6, now + 60_000, 2);
  assert.ok(estimate.rate! > 1.9e6, `${estimate.rate}`);
});
