import assert from 'node:assert/strict';
import { test } from 'node:test';
import { giveMemory, takeMemory } from './idle-memory.ts';

const mebibyte = 1_048_576;

test('memory given back is taken again, by its size, the last one first', () => {
  const [a, b, c] = [takeMemory(mebibyte), takeMemory(mebibyte), takeMemory(20_000)];
  assert.equal(new Set([a, b, c]).size, 3);
  for (const memory of [a, b, c]) giveMemory(memory);
  assert.equal(takeMemory(mebibyte), b);
  assert.equal(takeMemory(20_000), c);
  assert.equal(takeMemory(mebibyte), a);
  assert.notEqual(takeMemory(mebibyte), b);
});

test('no more than 64 MiB stays idle; the longest idle goes', () => {
  const all = Array.from({ length: 70 }, () => takeMemory(mebibyte));
  for (const memory of all) giveMemory(memory);
  const again = Array.from({ length: 64 }, () => takeMemory(mebibyte));
  assert.deepEqual(again, all.slice(6).reverse());
  assert.ok(!all.includes(takeMemory(mebibyte)));
});
