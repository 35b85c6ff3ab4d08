import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followWan, reachedAt } from './wan-timeline.ts';

const samples = [
  { atMs: 0, received: 0 },
  { atMs: 100, received: 10 },
  { atMs: 200, received: 990 },
  { atMs: 300, received: 1000 },
];

test('when a part of the bytes was there', () => {
  assert.equal(reachedAt(samples, 0.01), 100);
  assert.equal(reachedAt(samples, 0.99), 200);
  assert.equal(reachedAt(samples, 1), 300);
});

test('nothing came', () => {
  assert.equal(reachedAt([], 0.5), undefined);
  assert.equal(reachedAt([{ atMs: 0, received: 0 }], 0.5), undefined);
});

test('counts from where the counter stood, until it is over', async () => {
  const over = new AbortController();
  let counter = 1000;
  const read = async () => {
    counter += 5;
    if (counter > 1010) over.abort();
    return counter;
  };
  const followed = await followWan(read, over.signal);
  assert.deepEqual(
    followed.map(({ received }) => received),
    [5, 10],
  );
});
