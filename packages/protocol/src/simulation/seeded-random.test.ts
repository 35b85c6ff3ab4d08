import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from './seeded-random.ts';

test('the same seed gives the same numbers, another one others', () => {
  const some = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
  assert.deepEqual(some(1), some(1));
  assert.notDeepEqual(some(1), some(2));
});
