import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@sluice/protocol';
import { between } from './random.ts';

test('numbers spread over the range and stay in it', () => {
  const random = seededRandom(7);
  const numbers = Array.from({ length: 1000 }, () => between(random, 10, 20));
  assert.ok(numbers.every((n) => n >= 10 && n < 20));
  const mean = numbers.reduce((sum, n) => sum + n, 0) / 1000;
  assert.ok(Math.abs(mean - 15) < 0.5, String(mean));
});
