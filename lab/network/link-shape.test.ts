import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idealMs, linkShape } from './link-shape.ts';

test('half the round trip in each direction, a queue of 50 ms or one round trip', () => {
  assert.deepEqual(linkShape({ rateMbit: 50, rttMs: 20 }), {
    bytesPerSecond: 6_250_000,
    delayMs: 10,
    queueBytes: 312_500,
  });
  assert.equal(linkShape({ rateMbit: 8, rttMs: 200 }).queueBytes, 200_000);
});

test('a slow line still queues some packets', () => {
  assert.equal(linkShape({ rateMbit: 1, rttMs: 0 }).queueBytes, 48_000);
});

test('what nobody can beat', () => {
  assert.equal(idealMs(6_250_000, { rateMbit: 50, rttMs: 20 }), 1000);
});
