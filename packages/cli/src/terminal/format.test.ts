import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  formatBytes,
  formatClock,
  formatElapsed,
  formatPercent,
  formatPercentages,
  formatRate,
} from './format.ts';

test('formatBytes has three digits that count', () => {
  const shown: [number, string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '0.98 KiB'],
    [1024, '1.00 KiB'],
    [10_239, '10.0 KiB'],
    [67_108_864, '64.0 MiB'],
    [1_048_063, '1.00 MiB'],
    [1024 ** 3 * 1.5, '1.50 GiB'],
    [1024 ** 6 * 5, '5120 PiB'],
    [-1, '0 B'],
  ];
  for (const [bytes, text] of shown) assert.equal(formatBytes(bytes), text);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1024 ** 5, noNaN: true }), (bytes) => {
      assert.match(formatBytes(bytes), /^(\d{1,3}|\d\d\.\d|\d\.\d\d) [KMGTP]?i?B$/);
    }),
  );
});

test('formatRate', () => assert.equal(formatRate(104_857_600), '100 MiB/s'));

test('formatClock', () => {
  const shown: [number | undefined, string][] = [
    [0, '0:00'],
    [7.4, '0:07'],
    [754, '12:34'],
    [3723, '1:02:03'],
    [86_400 * 4.6, '5 d'],
    [86_400 * 3, '72:00:00'],
    [Number.POSITIVE_INFINITY, '-:--'],
    [undefined, '-:--'],
  ];
  for (const [seconds, text] of shown) assert.equal(formatClock(seconds), text);
});

test('formatElapsed', () => {
  assert.equal(formatElapsed(0), '0 ms');
  assert.equal(formatElapsed(999.6), '1.0 s');
  assert.equal(formatElapsed(3210), '3.2 s');
  assert.equal(formatElapsed(100_000), '1:40');
});

test('formatPercent says 100 % only when all is there', () => {
  assert.equal(formatPercent(999_999, 1_000_000), '99 %');
  assert.equal(formatPercent(1_000_000, 1_000_000), '100 %');
  assert.equal(formatPercent(0, 0), '100 %');
});

test('formatPercentages: each is rounded up or down, and together they are 100 %', () => {
  assert.deepEqual(formatPercentages([3, 6]), ['33 %', '67 %']);
  assert.deepEqual(formatPercentages([1, 1, 1]), ['34 %', '33 %', '33 %']);
  assert.deepEqual(formatPercentages([1, 996, 3]), ['0 %', '100 %', '0 %']);
  assert.deepEqual(formatPercentages([7]), ['100 %']);
  assert.deepEqual(formatPercentages([0, 0]), ['0 %', '0 %']);
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2 ** 45 }), { minLength: 1, maxLength: 6 }),
      (parts) => {
        const total = parts.reduce((a, b) => a + b, 0);
        fc.pre(total > 0);
        const shown = formatPercentages(parts).map((text) => Number.parseInt(text, 10));
        assert.equal(
          shown.reduce((a, b) => a + b, 0),
          100,
        );
        shown.forEach((n, i) => void assert.ok(Math.abs(n - (100 * parts[i]!) / total) < 1));
      },
    ),
  );
});
