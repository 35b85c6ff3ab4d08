import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BufferPool } from './buffer-pool.ts';

const KiB = 1024;

test('lends the size asked for, then smaller ones, and small ones without end', () => {
  const pool = new BufferPool(3 * 1024 * KiB);
  const sizes = Array.from({ length: 30 }, () => pool.take(1024 * KiB).bytes.length / KiB);
  assert.deepEqual(sizes.slice(0, 5), [1024, 256, 256, 256, 256]);
  assert.deepEqual(sizes.slice(5, 21), Array(16).fill(64));
  assert.deepEqual(sizes.slice(21), Array(9).fill(16));
});

test('never lends a large buffer for little', () => {
  const pool = new BufferPool(3 * 1024 * KiB);
  for (let i = 0; i < 20; i++) assert.ok(pool.take(10).bytes.length <= 64 * KiB);
  assert.equal(pool.take(256 * KiB).bytes.length, 256 * KiB);
  assert.equal(pool.take(1024 * KiB).bytes.length, 1024 * KiB);
});

test('lends the same bytes again, but to one at a time', () => {
  const pool = new BufferPool(3 * 1024 * KiB);
  const first = pool.take(1024 * KiB);
  first.release();
  first.release();
  const second = pool.take(1024 * KiB);
  assert.equal(second.bytes, first.bytes);
  assert.notEqual(pool.take(1024 * KiB).bytes, first.bytes);
});
