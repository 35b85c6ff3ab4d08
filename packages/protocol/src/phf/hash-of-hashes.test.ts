import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSluiceError } from '../errors/index.ts';
import { computeHashOfHashes, verifyPiecesHashFile } from './hash-of-hashes.ts';
import { pieceDigest } from './pieces-hash-file.ts';

/** The test vector of wire.md §1, taken from a real file of Microsoft's. */
const real = {
  majorVersion: 1,
  minorVersion: 0,
  hashOfHashes: 'bLR+YkW147Gf10YSrQ6lgW3AC9E1aDesK3TaSr0DHJA=',
  contentLength: 244530,
  pieceSize: 1048576,
  digests: Uint8Array.from(Buffer.from('J/rmYNjGCeAgcDu0Y7ZgHmKBHcddsZl1vLfWjZWbUn0=', 'base64')),
} as const;

test('computes the HashOfHashes of a real file', () => {
  assert.equal(computeHashOfHashes(real), real.hashOfHashes);
  verifyPiecesHashFile(real, real.hashOfHashes);
});

test('what the file states plays no part in its verification', () => {
  verifyPiecesHashFile({ ...real, hashOfHashes: 'else' }, real.hashOfHashes);
  const forged = { ...real, contentLength: real.contentLength + 1 };
  forged.hashOfHashes = computeHashOfHashes(forged) as typeof real.hashOfHashes;
  assert.throws(
    () => verifyPiecesHashFile(forged, real.hashOfHashes),
    (e) => isSluiceError(e, 'PhfMismatch') && e.params.expected === real.hashOfHashes,
  );
});

test('every field counts', () => {
  const flipped = Uint8Array.from(real.digests);
  flipped[31]! ^= 1;
  const changes = [
    { contentLength: 244531 },
    { pieceSize: 1048577 },
    { digests: flipped },
    { digests: new Uint8Array(0) },
  ];
  for (const change of changes) {
    assert.throws(
      () => verifyPiecesHashFile({ ...real, ...change }, real.hashOfHashes),
      (e) => isSluiceError(e, 'PhfMismatch'),
    );
  }
});

test('a piece digest is a view', () => {
  const phf = { ...real, digests: new Uint8Array(64) };
  phf.digests[32] = 9;
  assert.equal(pieceDigest(phf, 1)[0], 9);
  assert.equal(pieceDigest(phf, 1).buffer, phf.digests.buffer);
  for (const i of [-1, 2, 0.5, Number.NaN]) assert.throws(() => pieceDigest(phf, i), RangeError);
});
