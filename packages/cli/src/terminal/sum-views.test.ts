import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sumViews } from './sum-views.ts';

test('adds up bytes, rates and the shares of each source', () => {
  const http = (bytes: number) => ({ name: 'http' as const, bytes, colour: 'blue' as const });
  const lan = (bytes: number) => ({ name: 'LAN' as const, bytes, colour: 'green' as const });
  const sum = sumViews([
    { done: 1, total: 10, rate: 5, shares: [http(1)], state: 'done' },
    { done: 2, total: undefined, rate: 6, shares: [lan(1), http(1)] },
  ]);
  assert.deepEqual(sum, {
    done: 3,
    total: 10,
    rate: 11,
    shares: [http(2), lan(1)],
    state: undefined,
  });
});

test('a state that all have is that of the sum', () => {
  const done = { done: 1, total: 1, rate: 0, shares: [], state: 'done' };
  assert.equal(sumViews([done, done]).state, 'done');
});
