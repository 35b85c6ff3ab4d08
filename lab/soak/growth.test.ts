import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthOf } from './growth.ts';

test('the last quarter against the first', () => {
  assert.equal(growthOf([1, 1, 9, 9, 9, 9, 2, 2]), 2);
  assert.equal(growthOf([3, 3, 3, 3, 3, 3, 3, 3]), 1);
});

test('one spike is no growth', () => {
  assert.equal(growthOf([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 50]), 1);
});

test('too few samples say nothing', () => {
  assert.equal(growthOf([1, 1, 1, 2, 2, 2, 2]), undefined);
});
