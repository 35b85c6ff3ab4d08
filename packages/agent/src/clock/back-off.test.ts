import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backOffMs } from './back-off.ts';

const bounds = { firstMs: 400, maxMs: 30_000 };

test('waits anything up to a ceiling that doubles, never longer than the most', () => {
  assert.equal(
    backOffMs(bounds, 1, 0, () => 0.5),
    200,
  );
  assert.equal(
    backOffMs(bounds, 3, 0, () => 0.5),
    800,
  );
  assert.equal(
    backOffMs(bounds, 3, 0, () => 0),
    0,
  );
  assert.equal(
    backOffMs(bounds, 60, 0, () => 0.5),
    15_000,
  );
});

test('never comes back before it may, and spreads those who were told the same', () => {
  const any = fc.record({ tries: fc.integer({ min: 1, max: 99 }), asked: fc.nat(86_400_000) });
  fc.assert(
    fc.property(any, fc.double({ min: 0, max: 0.999, noNaN: true }), ({ tries, asked }, random) => {
      const ms = backOffMs(bounds, tries, asked, () => random);
      return ms >= asked && ms <= asked + bounds.maxMs;
    }),
  );
  assert.notEqual(
    backOffMs(bounds, 1, 5_000, () => 0.1),
    backOffMs(bounds, 1, 5_000, () => 0.9),
  );
});
