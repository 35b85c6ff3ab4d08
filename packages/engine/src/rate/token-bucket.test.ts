import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TokenBucket } from './token-bucket.ts';

const rates = fc.double({ min: 1, max: 1e9, noNaN: true });

test('who takes all there is gets the rate, however often it asks', () => {
  const steps = fc.array(fc.double({ min: 0, max: 40, noNaN: true }), {
    minLength: 50,
    maxLength: 400,
  });
  fc.assert(
    fc.property(rates, steps, (rate, gaps) => {
      // Room for the longest gap, so that nothing is lost.
      const burst = 2 + rate / 20;
      const bucket = new TokenBucket(rate, burst, 0);
      bucket.take(bucket.available(0), 0);
      let now = 0;
      let taken = 0;
      for (const gap of gaps) {
        now += gap;
        const n = bucket.available(now);
        bucket.take(n, now);
        taken += n;
      }
      const due = (rate * now) / 1000;
      assert.ok(Math.abs(taken - due) <= 2 + due * 1e-9, `${taken} of ${due}`);
    }),
  );
});

test('never lets more pass than the rate and one burst', () => {
  const steps = fc.array(fc.tuple(fc.nat(5_000), fc.nat(1e6)), { maxLength: 100 });
  fc.assert(
    fc.property(rates, fc.integer({ min: 1, max: 1e6 }), steps, (rate, burst, asked) => {
      const bucket = new TokenBucket(rate, burst, 0);
      let now = 0;
      let taken = 0;
      for (const [gap, want] of asked) {
        now += gap;
        const n = Math.min(want, bucket.available(now));
        bucket.take(n, now);
        taken += n;
        assert.ok(taken <= burst + (rate * now) / 1000 + 1);
      }
    }),
  );
});

test('msUntil tells when, and not before', () => {
  fc.assert(
    fc.property(rates, fc.integer({ min: 1, max: 1e5 }), (rate, bytes) => {
      const bucket = new TokenBucket(rate, 1e5, 0);
      bucket.take(1e5, 0);
      const ms = bucket.msUntil(bytes, 0);
      assert.ok(bucket.available(ms * 0.99 - 0.001) < bytes);
      assert.ok(bucket.available(ms * 1.001 + 0.001) >= bytes);
    }),
  );
});

test('what may not pass as a whole does not pass at all', () => {
  const bucket = new TokenBucket(1_000, 100, 0);
  assert.equal(bucket.tryTake(101, 0), false);
  assert.equal(bucket.tryTake(60, 0), true);
  assert.equal(bucket.tryTake(60, 0), false);
  assert.equal(bucket.available(0), 40);
  assert.equal(bucket.tryTake(60, 20), true);
  assert.equal(new TokenBucket(Number.POSITIVE_INFINITY, 1, 0).tryTake(1e12, 0), true);
});

test('a debt is paid by those that come after, and what did not pass can be given back', () => {
  const bucket = new TokenBucket(1_000, 100, 0);
  bucket.take(1_100, 0);
  assert.equal(bucket.available(1_000), 0);
  assert.equal(bucket.available(1_050), 50);
  bucket.giveBack(500);
  assert.equal(bucket.available(1_050), 100, 'no more than the burst');
});

test('a new rate holds from now on; without a limit everything passes', () => {
  const bucket = new TokenBucket(1_000, 1_000, 0);
  bucket.take(1_000, 0);
  bucket.setRate(10, 1_000, 500);
  assert.equal(bucket.available(500), 500);
  assert.equal(bucket.available(1_500), 510);
  bucket.setRate(Number.POSITIVE_INFINITY, 1_000, 1_500);
  assert.equal(bucket.available(1_500), Number.POSITIVE_INFINITY);
  bucket.take(1e9, 1_500);
  assert.equal(bucket.msUntil(1e9, 1_500), 0);
});
