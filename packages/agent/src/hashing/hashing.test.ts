import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { truncateSync, utimesSync } from 'node:fs';
import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isSluiceError, PieceMap, PiecesHasher } from '@sluice/protocol';
import fc from 'fast-check';
import { createPiecesHashFile, digestPieces, sha256OfFile, verifyFileAgainst } from './index.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-hashing-'));
});
after(() => rm(folder, { recursive: true }));

/** Bytes that differ from piece to piece, the same in every run. */
function bytesOf(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i += 4)
    bytes.writeUInt32LE((i * 2654435761) >>> 0, Math.min(i, length - 4));
  return bytes;
}

async function fileOf(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

const code = (expected: string) => (e: unknown) => isSluiceError(e) && e.code === expected;

test('makes the hash list that the streaming hasher makes, whatever the sizes', async () => {
  const sizes = fc.record({
    length: fc.oneof(fc.integer({ min: 4, max: 200_000 }), fc.integer({ min: 4, max: 5_000_000 })),
    pieceSize: fc.constantFrom(16_384, 20_000, 65_536, 1_048_576, 1_500_000, 4_194_304),
  });
  await fc.assert(
    fc.asyncProperty(sizes, async ({ length, pieceSize }) => {
      const bytes = bytesOf(length);
      const hasher = new PiecesHasher({ pieceSize });
      hasher.update(bytes);
      const path = await fileOf('any', bytes);
      assert.deepEqual(
        comparable(await createPiecesHashFile(path, { pieceSize })),
        comparable(hasher.finish()),
      );
      assert.equal(await sha256OfFile(path), createHash('sha256').update(bytes).digest('hex'));
    }),
    { numRuns: 30, seed: 7 },
  );
});

function comparable(phf: { digests: Uint8Array }): object {
  return { ...phf, digests: Buffer.from(phf.digests).toString('hex') };
}

test('an empty file has no pieces and the digest of nothing', async () => {
  const path = await fileOf('empty', Buffer.alloc(0));
  const phf = await createPiecesHashFile(path);
  assert.deepEqual(comparable(phf), comparable(new PiecesHasher().finish()));
  assert.equal(await sha256OfFile(path), createHash('sha256').digest('hex'));
  assert.deepEqual(await verifyFileAgainst(path, phf), { ok: true, badPieces: [] });
});

test('names the pieces that are bad, missing, or cut, and notices bytes too many', async () => {
  const pieceSize = 16_384;
  const path = await fileOf('verified', bytesOf(100 * pieceSize + 5));
  const phf = await createPiecesHashFile(path, { pieceSize });
  assert.deepEqual(await verifyFileAgainst(path, phf), { ok: true, badPieces: [] });

  const file = await open(path, 'r+');
  await file.write(Buffer.from('xyz'), 0, 3, 3 * pieceSize - 1);
  await file.close();
  assert.deepEqual(await verifyFileAgainst(path, phf), { ok: false, badPieces: [2, 3] });

  await truncate(path, 98 * pieceSize + 1);
  const { badPieces } = await verifyFileAgainst(path, phf);
  assert.deepEqual(badPieces, [2, 3, 98, 99, 100]);

  await writeFile(path, Buffer.concat([bytesOf(100 * pieceSize + 5), Buffer.from('!')]));
  assert.deepEqual(await verifyFileAgainst(path, phf), { ok: false, badPieces: [] });
});

test('hashes only the pieces wanted', async () => {
  const pieceSize = 1_048_576;
  const bytes = bytesOf(5 * pieceSize);
  const file = await open(await fileOf('wanted', bytes), 'r');
  try {
    const wanted = new PieceMap(5);
    wanted.set(1);
    wanted.set(4);
    const geometry = { contentLength: bytes.length, pieceSize };
    const digests = await digestPieces(file.fd, geometry, { wanted });
    for (let i = 0; i < 5; i++) {
      const piece = bytes.subarray(i * pieceSize, (i + 1) * pieceSize);
      const expected = wanted.has(i)
        ? createHash('sha256').update(piece).digest()
        : Buffer.alloc(32);
      assert.deepEqual(Buffer.from(digests.subarray(i * 32, (i + 1) * 32)), expected);
    }
  } finally {
    await file.close();
  }
});

test('tells progress up to the whole, in bytes', async () => {
  const path = await fileOf('progress', bytesOf(3_000_000));
  for (const pieceSize of [16_384, 1_048_576, 2_500_000]) {
    const told: number[] = [];
    await createPiecesHashFile(path, {
      pieceSize,
      onProgress: (done, total) => {
        assert.equal(total, 3_000_000);
        told.push(done);
      },
    });
    assert.equal(told.at(-1), 3_000_000);
    assert.deepEqual(
      told,
      told.toSorted((a, b) => a - b),
    );
  }
});

test('stops when told, before and in the middle', async () => {
  const path = await fileOf('cancelled', bytesOf(8_000_000));
  await assert.rejects(sha256OfFile(path, { signal: AbortSignal.abort() }), code('Cancelled'));
  const controller = new AbortController();
  let last = 0;
  const hashing = sha256OfFile(path, {
    signal: controller.signal,
    onProgress: (done) => {
      last = done;
      controller.abort();
    },
  });
  await assert.rejects(hashing, code('Cancelled'));
  assert.ok(last >= 1_048_576);
});

test('refuses what it cannot hash', async () => {
  await assert.rejects(sha256OfFile(join(folder, 'none')), code('FileUnreadable'));
  await assert.rejects(createPiecesHashFile(folder), code('FileUnreadable'));
  const path = await fileOf('one', Buffer.from('1'));
  for (const pieceSize of [0, -1, 1.5, 16_383, 67_108_865, Number.NaN]) {
    await assert.rejects(createPiecesHashFile(path, { pieceSize }), code('InvalidArgument'));
  }
});

test('a file that changes while it is read is the hash of neither state', async () => {
  const path = await fileOf('changing', bytesOf(4_000_000));
  const touch = () => utimesSync(path, 1, 1);
  await assert.rejects(createPiecesHashFile(path, { onProgress: touch }), code('FileChanged'));
  const cutShort = () => truncateSync(path, 10);
  await assert.rejects(sha256OfFile(path, { onProgress: cutShort }), code('FileChanged'));
});

test('pieces too many for a hash list are refused before anything is read', async () => {
  const path = await fileOf('sparse', Buffer.alloc(0));
  await truncate(path, 1_048_577 * 16_384);
  await assert.rejects(createPiecesHashFile(path, { pieceSize: 16_384 }), code('PhfTooLarge'));
});
