import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSluiceError } from '../errors/index.ts';
import { computeHashOfHashes } from './hash-of-hashes.ts';
import { minPieceSize } from './limits.ts';
import { pieceDigest } from './pieces-hash-file.ts';
import { PiecesHasher } from './pieces-hasher.ts';

/** Content that differs from piece to piece. */
function content(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7) & 0xff);
}

test('any chunking gives the digests of the plain slices', () => {
  const chunks = fc.array(fc.oneof(fc.nat(40), fc.nat(3 * minPieceSize)), { maxLength: 8 });
  const pieceSize = fc.integer({ min: minPieceSize, max: minPieceSize + 999 });
  fc.assert(
    fc.property(chunks, pieceSize, (lengths, size) => {
      const bytes = content(lengths.reduce((a, b) => a + b, 0));
      const hasher = new PiecesHasher({ pieceSize: size });
      let at = 0;
      for (const length of lengths) {
        // A buffer of its own that is overwritten afterwards: nothing may be kept of a chunk.
        const chunk = bytes.slice(at, at + length);
        hasher.update(chunk);
        chunk.fill(0);
        at += length;
      }
      const phf = hasher.finish();
      assert.equal(phf.contentLength, bytes.length);
      assert.equal(phf.pieceSize, size);
      assert.equal(phf.digests.length, 32 * Math.ceil(bytes.length / size));
      assert.equal(phf.hashOfHashes, computeHashOfHashes(phf));
      for (let i = 0; i * size < bytes.length; i++) {
        const slice = bytes.subarray(i * size, (i + 1) * size);
        const expected = createHash('sha256').update(slice).digest();
        assert.ok(expected.equals(pieceDigest(phf, i)), `piece ${i}`);
      }
    }),
    { numRuns: 60 },
  );
});

test('keeps all digests of content with many pieces', () => {
  const hasher = new PiecesHasher({ pieceSize: minPieceSize });
  const bytes = content(300 * minPieceSize + 1);
  hasher.update(bytes);
  const phf = hasher.finish();
  assert.equal(phf.digests.length, 301 * 32);
  for (const i of [0, 63, 64, 255, 300]) {
    const slice = bytes.subarray(i * minPieceSize, (i + 1) * minPieceSize);
    const expected = createHash('sha256').update(slice).digest();
    assert.ok(expected.equals(pieceDigest(phf, i)), `piece ${i}`);
  }
});

test('content without a byte has no piece', () => {
  const phf = new PiecesHasher().finish();
  assert.equal(phf.contentLength, 0);
  assert.equal(phf.pieceSize, 1048576);
  assert.equal(phf.digests.length, 0);
});

test('takes chunks that lie in shared memory, as the buffers of the store do', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(5)).fill(1);
  const hasher = new PiecesHasher();
  hasher.update(shared);
  const expected = createHash('sha256').update(Buffer.alloc(5, 1)).digest();
  assert.ok(expected.equals(pieceDigest(hasher.finish(), 0)));
});

test('refuses a piece size out of bounds, and use after the end', () => {
  for (const pieceSize of [0, -1, 16383, 67108865, 20000.5, Number.NaN]) {
    assert.throws(
      () => new PiecesHasher({ pieceSize }),
      (e) => isSluiceError(e, 'InvalidArgument'),
    );
  }
  const hasher = new PiecesHasher();
  hasher.finish();
  assert.throws(
    () => hasher.finish(),
    (e) => isSluiceError(e, 'Internal'),
  );
  assert.throws(
    () => hasher.update(Uint8Array.of(1)),
    (e) => isSluiceError(e, 'Internal'),
  );
});
