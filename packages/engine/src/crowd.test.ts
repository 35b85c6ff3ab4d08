import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crowdRoom } from './crowd.ts';

describe('who leaves fetching to others of a large site', () => {
  it('makes 17 connections at first, however many come to it', () => {
    assert.deepEqual(
      [crowdRoom(0, 0, 0), crowdRoom(17, 17, 999), crowdRoom(12, 40, 0)],
      [17, 0, 5],
    );
  });

  it('makes more after a second where few have come', () => {
    assert.deepEqual([crowdRoom(17, 17, 1_000), crowdRoom(17, 30, 1_000)], [17, 4]);
    assert.ok(crowdRoom(17, 40, 1_000) <= 0);
  });

  it('replaces those it has lost', () => {
    assert.equal(crowdRoom(10, 40, 60_000), 7);
  });
});
