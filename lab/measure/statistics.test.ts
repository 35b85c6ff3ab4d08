import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mean, median, sum } from './statistics.ts';

test('the median is by value, not by place or by digits', () => {
  assert.equal(median([10, 9, 100]), 10);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(median([])));
});

test('sum and mean', () => {
  assert.equal(sum([1, 2, 3]), 6);
  assert.equal(mean([1, 2, 3]), 2);
});
