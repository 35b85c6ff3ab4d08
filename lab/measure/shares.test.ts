import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areEven, sharesOf } from './shares.ts';

test('shares sum up to one, or are zero', () => {
  assert.deepEqual(sharesOf([1, 3]), [0.25, 0.75]);
  assert.deepEqual(sharesOf([0, 0]), [0, 0]);
  assert.deepEqual(sharesOf([]), []);
});

test('even: of two, 40 to 60 % is within a fifth', () => {
  assert.ok(areEven([0.4, 0.6], 0.2));
  assert.ok(!areEven([0.39, 0.61], 0.2));
  assert.ok(areEven([1], 0.2));
  assert.ok(!areEven([0.5, 0.5, 0], 0.2));
});
