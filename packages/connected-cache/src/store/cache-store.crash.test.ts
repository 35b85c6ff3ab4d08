import assert from 'node:assert/strict';
import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { ManualClock } from '@sluice/protocol';
import { CutFiles, type CutMode } from '../testing/cut-files.ts';
import { KiB, randomBytesOf, temporaryFolder } from '../testing/harness.ts';
import { BufferPool } from './buffer-pool.ts';
import { CacheStore } from './cache-store.ts';
import type { ObjectRecord } from './object-record.ts';
import { PieceChecker } from './piece-checker.ts';
import type { StoreFiles } from './store-files.ts';
import { realStoreFiles } from './store-files.ts';

const pieceSize = 16 * KiB;
const urls = ['http://a.example/1', 'http://a.example/2', 'http://a.example/3'];
const contents = new Map(urls.map((url) => [url, randomBytesOf(5 * pieceSize - 7)]));

function openStore(folder: string, files: StoreFiles): Promise<CacheStore> {
  return CacheStore.open({
    drives: [{ folder, maxBytes: 12 * pieceSize }],
    maxFiles: 100,
    pieceSize,
    clock: new ManualClock(),
    wallTime: () => 1_000_000,
    files,
    failed: () => {},
  });
}

function recordOf(url: string): ObjectRecord {
  return {
    url,
    identity: { etag: '"1"', lastModified: undefined, length: contents.get(url)!.length },
    pieceSize,
    segmentPieces: 2,
    headers: [],
    freshness: { receivedAt: 0, initialAgeMs: 0, lifetimeMs: 1e12 },
  };
}

async function fill(store: CacheStore, url: string): Promise<void> {
  const object = store.add(recordOf(url));
  store.use(object);
  for (let piece = 0; piece < object.pieces.length; piece++) {
    const start = piece * pieceSize;
    const bytes = contents.get(url)!.subarray(start, start + object.pieceLength(piece));
    const segment = store.reserve(object, piece);
    const written = (await segment.file()).writev([bytes], start - segment.start);
    await written.then(
      () => store.keep(segment, piece, crc32(bytes)),
      (error) => {
        store.release(segment, piece);
        store.unuse(object);
        throw error;
      },
    );
  }
  store.unuse(object);
}

/** Fills more than fits, purges, loses, and closes: each kind of change there is. */
async function live(store: CacheStore): Promise<void> {
  for (const url of urls) await fill(store, url);
  store.lose(store.find(urls[2]!)!, 1);
  store.retire(store.find(urls[1]!)!);
  await store.pins.add(`${urls[0]}*`);
}

/** @returns whether the life was cut at all, and the pieces that the next one has */
async function cutAndRecover(t: TestContext, cutAt: number, mode: CutMode, power: boolean) {
  const folder = await temporaryFolder(t);
  const files = new CutFiles(cutAt, mode);
  const alive = (error: unknown) => {
    if (!files.isCut) throw error;
  };
  const store = await openStore(folder, files).catch(alive);
  if (store) {
    await live(store).catch(alive);
    await store.close();
  }
  if (power) await loseData(folder);
  return { isCut: files.isCut, pieces: await whatIsThere(folder) };
}

/** What the disk had not got yet when the power went. */
async function loseData(folder: string): Promise<void> {
  const entries = await readdir(join(folder, 'data'), {
    recursive: true,
    withFileTypes: true,
  }).catch(() => []);
  for (const entry of entries) {
    if (entry.isFile()) await truncate(join(entry.parentPath, entry.name), 1000);
  }
}

/** All that a later process would serve is what was written; and it can go on. */
async function whatIsThere(folder: string): Promise<number> {
  const store = await openStore(folder, realStoreFiles);
  const checker = new PieceChecker(store, new BufferPool());
  let pieces = 0;
  for (const object of [...store.all()]) {
    store.use(object);
    for (let piece = 0; piece < object.pieces.length; piece++) {
      if (!object.pieces.has(piece)) continue;
      await checker.check(object, piece);
      if (!object.pieces.has(piece)) continue;
      pieces++;
      const segment = object.segmentOf(piece)!;
      const start = piece * pieceSize;
      const bytes = Buffer.alloc(object.pieceLength(piece));
      store.pin(segment);
      await (await segment.file()).read(bytes, 0, bytes.length, start - segment.start);
      store.unpin(segment);
      const expected = contents.get(object.url)!.subarray(start, start + bytes.length);
      assert.ok(bytes.equals(expected), `piece ${piece} of ${object.url}`);
    }
    store.unuse(object);
  }
  await fill(store, urls[0]!);
  assert.ok(store.find(urls[0]!)?.pieces.complete);
  await store.close();
  const next = await openStore(folder, realStoreFiles);
  assert.ok(next.find(urls[0]!)?.pieces.complete, 'what is filled afterwards stays');
  await next.close();
  return pieces;
}

for (const mode of ['before', 'half', 'after'] as const) {
  test(`a process that ends ${mode} any change of the disk leaves nothing wrong behind`, async (t) => {
    let most = 0;
    for (let cutAt = 1; ; cutAt++) {
      const { isCut, pieces } = await cutAndRecover(t, cutAt, mode, false);
      most = Math.max(most, pieces);
      if (isCut) continue;
      assert.ok(cutAt > 30, `${cutAt} changes`);
      assert.ok(pieces > 0 && pieces < most, 'a whole life ends with a purge');
      return;
    }
  });
}

test('what the power loss took of the data is found out before it is served', async (t) => {
  for (let cutAt = 1; ; cutAt += 3) {
    const { isCut, pieces } = await cutAndRecover(t, cutAt, 'after', true);
    assert.equal(pieces, 0);
    if (!isCut) return;
  }
});
