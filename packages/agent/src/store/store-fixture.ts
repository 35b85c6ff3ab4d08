/** What the tests of the store share. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { isSluiceError, PiecesHasher, pieceCount, pieceRange } from '@sluice/protocol';
import type { ContentDescription } from './content-description.ts';
import type { ContentEntry } from './content-entry.ts';
import { type ContentStore, type ContentStoreOptions, openContentStore } from './content-store.ts';
import type { PieceBuffer } from './piece-buffer-pool.ts';
import { createPieceWorker, type PieceWorker, type PieceWorkerOptions } from './piece-worker.ts';

const cleanups = new WeakMap<TestContext, (() => Promise<unknown>)[]>();

/** Runs `cleanup` after the test, the last one given first. */
function defer(t: TestContext, cleanup: () => Promise<unknown>): void {
  const known = cleanups.get(t);
  known?.push(cleanup);
  if (known) return;
  const list = [cleanup];
  cleanups.set(t, list);
  t.after(async () => {
    for (const each of list.reverse()) await each();
  });
}

/** A folder that goes when the test ends. @param where its parent, the system's temporary folder by default. */
export async function temporaryFolder(t: TestContext, where = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(where, 'sluice-store-'));
  defer(t, () => rm(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * A file system of its own, in memory, of `size` (as `mount` has it: `4m`).
 * @returns undefined when it cannot be mounted here; the test is skipped then.
 */
export async function memoryDisk(t: TestContext, size: string): Promise<string | undefined> {
  const folder = await temporaryFolder(t);
  const args = ['-t', 'tmpfs', '-o', `size=${size}`, 'none', folder];
  if (process.platform !== 'linux' || spawnSync('mount', args).status !== 0) {
    t.skip('no tmpfs can be mounted here: not root, or not Linux');
    return undefined;
  }
  defer(t, async () => assert.equal(spawnSync('umount', ['-l', folder]).status, 0));
  return folder;
}

export interface TestContent {
  bytes: Buffer;
  /** With digests. */
  verified: ContentDescription & { digests: Uint8Array; hashOfHashes: string };
  /** With a validator only. */
  simple: ContentDescription & { validator: string };
}

/** Content of which no two pieces are alike, the same for the same seed. */
export function contentOf(length: number, pieceSize: number, seed = 'a'): TestContent {
  const key = createHash('sha256').update(seed).digest();
  // A key stream: a thousand times as fast as hashing counters, which took most of many a test's time.
  const bytes = createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
  const hasher = new PiecesHasher({ pieceSize });
  hasher.update(bytes);
  const { digests, contentLength, hashOfHashes } = hasher.finish();
  const base = { key: 'https://example.com/file', contentLength, pieceSize };
  return {
    bytes,
    verified: { ...base, digests, hashOfHashes },
    simple: { ...base, validator: `"${seed}"` },
  };
}

/** Piece `i` of the content in a buffer of a whole piece, as a pool would hand out. */
export function pieceOf(content: TestContent, i: number): PieceBuffer {
  const { start, end } = pieceRange(content.simple, i);
  const bytes = new Uint8Array(new SharedArrayBuffer(content.simple.pieceSize));
  bytes.set(content.bytes.subarray(start, end));
  return { bytes };
}

/** Writes pieces, all of them by default, with the piece number modulo 3 as origin. */
export async function writePieces(
  entry: ContentEntry,
  content: TestContent,
  pieces: Iterable<number> = Array(pieceCount(content.simple)).keys(),
): Promise<void> {
  await Promise.all([...pieces].map((i) => entry.writePiece(i, pieceOf(content, i), i % 3)));
}

export async function readPiece(
  entry: ContentEntry,
  content: TestContent,
  i: number,
): Promise<Buffer> {
  const { start, end } = pieceRange(content.simple, i);
  const bytes = Buffer.alloc(end - start);
  await entry.read(i, 0, bytes);
  return bytes;
}

export interface TestStore extends ContentStore {
  worker: PieceWorker;
  root: string;
}

/** A store with a worker of its own; both end with the test. */
export async function storeIn(
  t: TestContext,
  root: string,
  options: Partial<ContentStoreOptions> & PieceWorkerOptions = {},
): Promise<TestStore> {
  const worker = createPieceWorker(options);
  const store = await openContentStore({ root, worker, ...options });
  defer(t, async () => {
    await store.close();
    await worker.close();
  });
  return {
    worker,
    root,
    open: (d, signal) => store.open(d, signal),
    entries: () => store.entries(),
    adopt: (key, d) => store.adopt(key, d),
    survey: () => store.survey(),
    setCaching: (key, change) => store.setCaching(key, change),
    remove: (key) => store.remove(key),
    close: () => store.close(),
  };
}

/** For `assert.rejects`. */
export function withCode(code: string): (error: unknown) => boolean {
  return (error) => isSluiceError(error) && error.code === code;
}
