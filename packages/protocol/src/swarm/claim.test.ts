import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSluiceError } from '../errors/index.ts';
import { decodeClaim, encodeClaim, maxClaimRuns } from './claim.ts';

const invalid = (e: unknown) => isSluiceError(e, 'InvalidMessage');

test('writes rate in KiB/s, count, and runs', () => {
  const bytes = encodeClaim({
    rate: 2048,
    runs: [
      { first: 1, count: 2 },
      { first: 9, count: 1 },
    ],
  });
  assert.equal(
    Buffer.from(bytes).toString('hex'),
    '000000020002' + '0000000100000002' + '0000000900000001',
  );
});

test('decode(encode(x)) = x', () => {
  const run = fc.record(
    { first: fc.nat(900), count: fc.integer({ min: 1, max: 10 }) },
    { noNullPrototype: true },
  );
  const claim = fc.record(
    {
      rate: fc.integer({ min: 0, max: 0xffff_ffff }).map((n) => n * 1024),
      runs: fc.array(run, { maxLength: 100 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(fc.property(claim, (c) => assert.deepEqual(decodeClaim(encodeClaim(c), 1000), c)));
});

test('a rate is rounded, kept from 0, and capped', () => {
  const sent = (rate: number) => decodeClaim(encodeClaim({ rate, runs: [] })).rate;
  assert.equal(sent(0), 0);
  assert.equal(sent(1), 1024);
  assert.equal(sent(1535), 1024);
  assert.equal(sent(1537), 2048);
  assert.equal(sent(Number.POSITIVE_INFINITY), 0xffff_ffff * 1024);
});

test('runs stay within the content, one by one and all together', () => {
  const claim = (...runs: [number, number][]) =>
    encodeClaim({ rate: 0, runs: runs.map(([first, count]) => ({ first, count })) });
  assert.equal(decodeClaim(claim([9, 1], [0, 9]), 10).runs.length, 2);
  for (const runs of [claim([10, 1]), claim([9, 2]), claim([0, 10], [3, 1]), claim([5, 0])]) {
    assert.throws(() => decodeClaim(runs, 10), invalid);
  }
  assert.throws(() => decodeClaim(claim([0xffff_ffff, 0xffff_ffff])), invalid);
});

test('refuses lengths that do not fit the count', () => {
  const good = encodeClaim({ rate: 1024, runs: [{ first: 0, count: 1 }] });
  for (const bad of [good.subarray(0, 13), Buffer.concat([good, Buffer.of(0)])]) {
    assert.throws(() => decodeClaim(bad), invalid);
  }
  assert.throws(() => decodeClaim(new Uint8Array(5)), invalid);
  const many = new Uint8Array(6 + 8 * (maxClaimRuns + 1));
  new DataView(many.buffer).setUint16(4, maxClaimRuns + 1);
  assert.throws(() => decodeClaim(many), invalid);
});

test('refuses to write what does not fit', () => {
  const run = { first: 0, count: 1 };
  const runs = Array(maxClaimRuns + 1).fill(run);
  assert.throws(() => encodeClaim({ rate: 0, runs }), RangeError);
  for (const rate of [-1, Number.NaN]) {
    assert.throws(() => encodeClaim({ rate, runs: [run] }), RangeError);
  }
  assert.throws(() => encodeClaim({ rate: 0, runs: [{ first: -1, count: 1 }] }), RangeError);
  assert.throws(() => encodeClaim({ rate: 0, runs: [{ first: 0, count: 2 ** 32 }] }), RangeError);
});

test('random bytes throw InvalidMessage or nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        decodeClaim(bytes);
      } catch (e) {
        assert.ok(invalid(e), String(e));
      }
    }),
    { numRuns: 500 },
  );
});
