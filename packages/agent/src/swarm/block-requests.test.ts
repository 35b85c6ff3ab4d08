import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BlockRequests } from './block-requests.ts';

const always = () => true;
const block = (piece: number, offset: number, length: number) => ({ piece, offset, length });

describe('BlockRequests', () => {
  it('knows for whom a block is', () => {
    const requests = new BlockRequests<string>();
    requests.add(block(1, 0, 100), 'a');
    requests.add(block(2, 0, 100), 'b');
    assert.equal(requests.begin(block(2, 0, 100), always), 'b');
    assert.equal(requests.begin(block(1, 0, 100), always), 'a');
    assert.equal(requests.size, 0);
  });

  it('refuses what was not asked for', () => {
    const requests = new BlockRequests<string>();
    requests.add(block(1, 100, 100), 'a');
    for (const wrong of [
      block(1, 0, 100),
      block(2, 100, 100),
      block(1, 100, 101),
      block(1, 150, 50),
    ])
      assert.equal(requests.begin(wrong, always), false);
    assert.equal(requests.begin(block(1, 100, 100), always), 'a');
    assert.equal(requests.begin(block(1, 100, 100), always), false, 'nor twice');
  });

  it('takes a block in several messages, in order', () => {
    const requests = new BlockRequests<string>();
    requests.add(block(1, 0, 100), 'a');
    assert.equal(requests.begin(block(1, 0, 60), always), 'a');
    assert.equal(requests.size, 1);
    assert.equal(requests.begin(block(1, 0, 60), always), false);
    assert.equal(requests.begin(block(1, 60, 40), always), 'a');
    assert.equal(requests.size, 0);
  });

  it('refuses a block that its owner cannot take yet', () => {
    const requests = new BlockRequests<string>();
    requests.add(block(1, 0, 10), 'a');
    requests.add(block(1, 10, 10), 'a');
    assert.equal(
      requests.begin(block(1, 10, 10), () => false),
      false,
    );
  });

  it('lets what was given up come once', () => {
    const requests = new BlockRequests<string>();
    requests.add(block(1, 0, 100), 'a');
    requests.add(block(2, 0, 100), 'b');
    assert.deepEqual(requests.giveUp('a'), [block(1, 0, 100)]);
    assert.equal(requests.size, 1);
    assert.equal(requests.begin(block(1, 0, 100), always), undefined);
    assert.equal(requests.begin(block(1, 0, 100), always), false);
    assert.equal(requests.begin(block(2, 0, 100), always), 'b');
  });

  it('gives up what is left of a block that has begun', () => {
    const requests = new BlockRequests<string>();
    requests.add(block(1, 0, 100), 'a');
    requests.begin(block(1, 0, 30), always);
    assert.deepEqual(requests.giveUp('a'), [block(1, 30, 70)]);
    assert.equal(requests.begin(block(1, 30, 70), always), undefined);
  });

  it('gives a block to who wants it now, asked for again after it was given up', () => {
    const requests = new BlockRequests<string>();
    requests.add(block(1, 0, 100), 'a');
    requests.giveUp('a');
    requests.add(block(1, 0, 100), 'b');
    assert.equal(requests.begin(block(1, 0, 100), always), 'b');
    // The peer had both on its list.
    assert.equal(requests.begin(block(1, 0, 100), always), undefined);
    assert.equal(requests.begin(block(1, 0, 100), always), false);
  });

  it('asks again what a choke made the peer forget, and bears with one that did not', () => {
    const requests = new BlockRequests<string>();
    requests.add(block(1, 0, 100), 'a');
    requests.add(block(2, 0, 100), 'b');
    requests.begin(block(1, 0, 40), always);
    assert.deepEqual(requests.forgotten(), [block(1, 40, 60), block(2, 0, 100)]);
    assert.equal(requests.begin(block(1, 40, 60), always), 'a');
    assert.equal(requests.begin(block(1, 40, 60), always), undefined);
    assert.equal(requests.begin(block(2, 0, 100), always), 'b');
  });

  it('remembers only so much of what was given up', () => {
    const requests = new BlockRequests<number>();
    for (let i = 0; i < 1_100; i++) {
      requests.add(block(i, 0, 1), i);
      requests.giveUp(i);
    }
    assert.equal(requests.begin(block(0, 0, 1), always), false);
    assert.equal(requests.begin(block(1_099, 0, 1), always), undefined);
    requests.add(block(5, 0, 1), 5);
    for (let i = 0; i < 1_100; i++) requests.forgotten();
    assert.equal(requests.begin(block(1_098, 0, 1), always), false);
  });

  it('accepts exactly what was asked, whatever is given up meanwhile', () => {
    const step = fc.record({
      give: fc.boolean(),
      piece: fc.nat(3),
      owner: fc.nat(2),
      drop: fc.boolean(),
    });
    const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const requests = new BlockRequests<number>();
      const allowed = new Map<number, number>();
      for (const { give, piece, owner, drop } of steps) {
        if (drop) requests.giveUp(owner);
        else if (give) {
          const left = allowed.get(piece) ?? 0;
          assert.equal(requests.begin(block(piece, 0, 9), always) === false, left === 0);
          if (left > 0) allowed.set(piece, left - 1);
        } else {
          requests.add(block(piece, 0, 9), owner);
          allowed.set(piece, (allowed.get(piece) ?? 0) + 1);
        }
      }
    });
    fc.assert(property, { numRuns: 300 });
  });
});
