import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapSpaceStatistics } from 'node:v8';
import { tuneForLongRun } from './tune-for-long-run.ts';

function youngSpace(): number {
  return getHeapSpaceStatistics().find((s) => s.space_name === 'new_space')!.space_size;
}

test('a service that has much alive for a moment does not keep room for so much that is young', () => {
  tuneForLongRun();
  const before = youngSpace();
  for (let round = 0; round < 20; round++) {
    const alive = Array.from({ length: 100_000 }, (_, k) => ({ round, k }));
    assert.equal(alive.at(-1)!.round, round);
  }
  assert.ok(youngSpace() < 2 * before, `${before} → ${youngSpace()} bytes`);
});
