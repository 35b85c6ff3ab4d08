import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePieceHeader } from '@sluice/protocol';
import { createPieceBufferPool } from '../store/index.ts';
import { connectionPair } from '../swarm/testing/connection-pair.ts';
import { PieceSink } from './piece-sink.ts';

const pieceSize = 262_144;
const geometry = { contentLength: pieceSize, pieceSize };
const never = new AbortController().signal;

/** Where the bytes of a piece came from must be one peer: then a bad piece tells who sent bad bytes. */
test('a piece that one peer began and another brings has no byte of the first', async () => {
  await using bad = await connectionPair(new Uint8Array(pieceSize).fill(0xbb), { pieceSize });
  await using good = await connectionPair(new Uint8Array(pieceSize).fill(0x11), { pieceSize });
  // One buffer: the second peer gets the very memory that the first has half filled.
  const pool = createPieceBufferPool({ pieceSize, maxBytes: pieceSize });
  const pieces: Uint8Array[] = [];
  const wasted: number[] = [];
  const sinkOf = () =>
    new PieceSink({
      ...{ geometry, pool, signal: never },
      run: { first: 0, count: 1 },
      isWanted: () => true,
      onBytes: () => {},
      onPresent: () => {},
      onWaste: (bytes) => wasted.push(bytes),
      async onPiece(_, { bytes }) {
        pieces.push(Uint8Array.from(bytes.subarray(0, pieceSize)));
      },
    });
  const half = pieceSize / 2;
  bad.onRequest = ({ piece, offset, length }) => {
    const header = encodePieceHeader(piece, offset, length);
    const content = new Uint8Array(half).fill(0xbb);
    bad.server.sendPart({ header, content, last: false }, () => bad.server.destroy());
  };
  const first = sinkOf();
  await assert.rejects(bad.fetcher.fetch({ start: 0, end: pieceSize }, first, never));
  await first.finish();
  assert.ok(wasted[0]! > 0 && wasted[0]! <= half, `${wasted} bytes of the first came`);

  const second = sinkOf();
  await good.fetcher.fetch({ start: 0, end: pieceSize }, second, never);
  await second.finish();
  assert.equal(pieces.length, 1);
  assert.ok(pieces[0]!.every((byte) => byte === 0x11));
  const asked = good.told.flatMap((m) => (m.type === 'request' ? [[m.offset, m.length]] : []));
  assert.deepEqual(asked, [[0, pieceSize]], 'the whole piece was asked of the second');
});

test('a buffer that a peer may still write to is nobody else’s, though its fetch is not waited for', async () => {
  await using slow = await connectionPair(new Uint8Array(pieceSize).fill(0xbb), { pieceSize });
  const pool = createPieceBufferPool({ pieceSize, maxBytes: pieceSize });
  const came = Promise.withResolvers<void>();
  const sink = new PieceSink({
    ...{ geometry, pool, signal: never },
    run: { first: 0, count: 1 },
    isWanted: () => true,
    onBytes: () => came.resolve(),
    onPresent: () => {},
    onWaste: () => {},
    onPiece: () => Promise.reject(new Error('it is never whole')),
  });
  const half = new Uint8Array(pieceSize / 2).fill(0xbb);
  slow.onRequest = ({ piece, offset, length }) => {
    const header = encodePieceHeader(piece, offset, length);
    slow.server.sendPart({ header, content: half, last: false }, () => {});
  };
  const control = new AbortController();
  const fetched = slow.fetcher.fetch({ start: 0, end: pieceSize }, sink, control.signal);
  await came.promise;
  control.abort();
  await sink.finish(fetched);
  assert.deepEqual([pool.inUse, pool.acquire()], [1, undefined]);
  slow.server.sendPart({ header: undefined, content: half, last: true }, () => {});
  await assert.rejects(fetched, { code: 'Cancelled' });
  assert.equal(pool.inUse, 0);
});
