import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CollectingSink } from '../source/testing/collecting-sink.ts';
import { maxRequestLength, PeerFetch } from './peer-fetch.ts';

function blocksOf(fetch: PeerFetch, pieceSize: number) {
  const blocks = [];
  for (let b = fetch.nextBlock(pieceSize); b; b = fetch.nextBlock(pieceSize)) blocks.push(b);
  return blocks;
}

describe('PeerFetch', () => {
  it('asks for a piece in blocks', () => {
    const MiB = 1_048_576;
    const fetch = new PeerFetch({ start: 8 * MiB, end: 10 * MiB + 5 }, new CollectingSink());
    assert.deepEqual(blocksOf(fetch, 4 * MiB), [
      { piece: 2, offset: 0, length: MiB },
      { piece: 2, offset: MiB, length: MiB },
      { piece: 2, offset: 2 * MiB, length: 5 },
    ]);
  });

  it('covers any range once, no block beyond its piece or the limit', () => {
    const property = fc.property(
      fc.nat(10_000_000),
      fc.integer({ min: 1, max: 10_000_000 }),
      fc.integer({ min: 16_384, max: 5_000_000 }),
      (start, length, pieceSize) => {
        const fetch = new PeerFetch({ start, end: start + length }, new CollectingSink());
        let at = start;
        for (const b of blocksOf(fetch, pieceSize)) {
          assert.equal(b.piece * pieceSize + b.offset, at);
          assert.ok(b.length > 0 && b.length <= maxRequestLength);
          assert.ok(b.offset + b.length <= pieceSize);
          at += b.length;
        }
        assert.equal(at, start + length);
      },
    );
    fc.assert(property, { numRuns: 200 });
  });

  it('places what there is room for, and is done when all came', async () => {
    const sink = new CollectingSink(5, 2);
    const fetch = new PeerFetch({ start: 100, end: 108 }, sink);
    assert.equal(fetch.place(Buffer.from('01234567')), 5);
    assert.equal(fetch.position, 105);
    assert.equal(fetch.over, false);
    sink.allow(10);
    assert.equal(fetch.place(Buffer.from('567')), 3);
    assert.equal(fetch.over, true);
    await fetch.done;
    assert.equal(sink.bytes.toString(), '01234567');
  });

  it('gives the sink nothing more once it is stopped, be it by the sink', async () => {
    const sink = new CollectingSink(100, 2);
    const fetch = new PeerFetch({ start: 0, end: 8 }, sink);
    sink.onFilled = () => fetch.stop();
    assert.equal(fetch.place(Buffer.from('01234567')), 2);
    assert.equal(fetch.place(Buffer.from('234567')), 0);
    const error = new Error('why');
    fetch.fail(error);
    await assert.rejects(fetch.done, error);
    assert.equal(sink.length, 2);
  });

  it('does not end well when it was given up with its last byte', async () => {
    const sink = new CollectingSink();
    const fetch = new PeerFetch({ start: 0, end: 4 }, sink);
    const error = new Error('too late');
    sink.onFilled = () => fetch.fail(error);
    fetch.place(Buffer.from('0123'));
    await assert.rejects(fetch.done, error);
  });
});
