import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  contentOf,
  readPiece,
  storeIn,
  temporaryFolder,
  withCode,
  writePieces,
} from './store-fixture.ts';

const pieceSize = 16_384;
const content = contentOf(10 * pieceSize - 100, pieceSize);
const { simple } = content;
const verified = { ...content.verified, key: content.verified.hashOfHashes };

test('pieces fetched without digests are held against them, and kept when they are right', async (t) => {
  const store = await storeIn(t, await temporaryFolder(t));
  const before = await store.open(simple);
  await writePieces(before, content, [0, 3, 9]);
  const wrong = contentOf(verified.contentLength, pieceSize, 'other');
  await writePieces(before, wrong, [4]);
  await before.close();
  await store.adopt(simple.key, verified);
  const entry = await store.open(verified);
  assert.deepEqual(
    [0, 3, 4, 9].map((p) => entry.pieces.has(p)),
    [true, true, false, true],
  );
  assert.ok((await readPiece(entry, content, 9)).equals(content.bytes.subarray(9 * pieceSize)));
  assert.deepEqual(
    (await store.entries()).map(({ description: d }) => d.key),
    [verified.key],
  );
});

test('larger pieces count when all of them is there', async (t) => {
  const store = await storeIn(t, await temporaryFolder(t));
  const before = await store.open(simple);
  await writePieces(before, content, [0, 1, 2, 4, 9]);
  await before.close();
  const cut = contentOf(verified.contentLength, 2 * pieceSize).verified;
  const larger = { ...cut, key: cut.hashOfHashes };
  await store.adopt(simple.key, larger);
  const entry = await store.open(larger);
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((p) => entry.pieces.has(p)),
    [true, false, false, false, false],
  );
});

test('what is there of the content already stays, and the rest is deleted', async (t) => {
  const store = await storeIn(t, await temporaryFolder(t));
  const there = await store.open(verified);
  await writePieces(there, content, [5]);
  await there.close();
  const before = await store.open(simple);
  await writePieces(before, content, [0]);
  await before.close();
  await store.adopt(simple.key, verified);
  assert.deepEqual(
    (await store.entries()).map(({ description: d }) => d.key),
    [verified.key],
  );
  const entry = await store.open(verified);
  assert.deepEqual([entry.pieces.has(0), entry.pieces.has(5)], [false, true]);
});

test('of another length, or nothing at all: it is gone; open: it is left', async (t) => {
  const store = await storeIn(t, await temporaryFolder(t));
  await store.adopt(simple.key, verified);
  const shorter = await store.open({ ...simple, contentLength: 5 });
  await assert.rejects(store.adopt(simple.key, verified), withCode('ContentBusy'));
  await shorter.close();
  await store.adopt(simple.key, verified);
  assert.deepEqual(await store.entries(), []);
});
