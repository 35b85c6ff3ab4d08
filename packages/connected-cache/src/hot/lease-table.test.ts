import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeaseTable } from './lease-table.ts';

test('a lease that is over cannot be begun, not even when its slot has another', () => {
  const keeper = new LeaseTable(2);
  const other = new LeaseTable(2, keeper.shared);
  const word = keeper.grant(7);
  assert.ok(other.acquire(1, 7, word));
  keeper.revoke(7, false);
  assert.equal(keeper.isUsed(7), true, 'the other thread still has it');
  assert.equal(other.isGone(7), false, 'and may go on');
  assert.equal(other.acquire(0, 7, word), false);
  keeper.revoke(7, true);
  assert.equal(other.isGone(7), true);
  other.release(1, 7);
  assert.equal(keeper.isUsed(7), false);
  const next = keeper.grant(7);
  assert.notEqual(next, word);
  assert.equal(other.acquire(1, 7, word), false);
  assert.equal(keeper.isUsed(7), false, 'who was refused is counted out again');
  assert.ok(other.acquire(1, 7, next));
  keeper.forget(1);
  assert.equal(keeper.isUsed(7), false, 'a thread that died has nothing');
});
