import assert from 'node:assert/strict';
import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { isSluiceError, ManualClock } from '@sluice/protocol';
import {
  assertBytes,
  filled,
  get,
  KiB,
  MiB,
  randomBytesOf,
  sourceAndNode,
  startNode,
  temporaryFolder,
} from './testing/harness.ts';

const small = { pieceSize: 64 * KiB, segmentPieces: 2 };

test('what was kept is there after a restart', async (t) => {
  const cacheDir = await temporaryFolder(t);
  const { source, node } = await sourceAndNode(t, { cacheDir, tuning: small });
  const bytes = randomBytesOf(500 * KiB);
  source.put('/file', { bytes, headers: { etag: '"1"', 'content-type': 'a/b', 'x-n': 'plain' } });
  await get(node, source, '/file', { headers: { range: 'bytes=200000-400000' } });
  await node.close();
  const { node: next } = await startNode(t, { cacheDir, allow: [source.host], tuning: small });
  assert.equal(next.stats().Objects, 1);
  assert.equal(next.stats().CacheBytes, node.stats().CacheBytes);
  const part = await get(next, source, '/file', { headers: { range: 'bytes=200000-400000' } });
  assert.equal(part.headers['x-cache'], 'HIT');
  assert.equal(part.headers['content-type'], 'a/b');
  assert.equal(part.headers['x-n'], 'plain');
  assertBytes(part.body, bytes.subarray(200000, 400001));
  assertBytes((await get(next, source, '/file')).body, bytes);
  assert.equal(source.sent, bytes.length);
});

test('pieces that rotted meanwhile are fetched again, never served', async (t) => {
  const cacheDir = await temporaryFolder(t);
  const { source, node } = await sourceAndNode(t, { cacheDir, tuning: small });
  const bytes = randomBytesOf(500 * KiB);
  source.put('/file', { bytes });
  await get(node, source, '/file');
  await node.close();
  const paths = await dataPaths(cacheDir);
  assert.equal(paths.length, 4);
  const file = await open(paths[1]!, 'r+');
  await file.write(Buffer.from([bytes[3 * 64 * KiB - 1]! ^ 1]), 0, 1, 64 * KiB - 1);
  await file.close();
  await writeFile(paths[3]!, bytes.subarray(0, 10));
  const { node: next } = await startNode(t, { cacheDir, allow: [source.host], tuning: small });
  const before = source.sent;
  assertBytes((await get(next, source, '/file')).body, bytes);
  assert.equal(source.sent - before, 64 * KiB + (bytes.length - 6 * 64 * KiB));
  await filled(next);
  assert.equal(next.stats().CacheBytes, bytes.length);
});

test('a damaged index and data files that are gone cost what they were about, and no more', async (t) => {
  const cacheDir = await temporaryFolder(t);
  const options = { cacheDir, tuning: small };
  const { source, node } = await sourceAndNode(t, options);
  const bytes = randomBytesOf(64 * KiB);
  for (const name of ['/a', '/b', '/c']) {
    source.put(name, { bytes });
    await get(node, source, name);
  }
  await filled(node);
  await node.close();
  const [first, second] = await dataPaths(cacheDir);
  await rm(first!);
  const stray = join(dirname(second!), '0123456789ab');
  await writeFile(stray, 'x');
  const { node: next } = await startNode(t, { ...options, allow: [source.host] });
  assert.equal(next.stats().Objects, 3);
  assertBytes((await get(next, source, '/a')).body, bytes);
  assert.equal((await get(next, source, '/b')).headers['x-cache'], 'HIT');
  assert.equal(source.gets.length, 4);
  await filled(next);
  await next.close();
  assert.ok(!(await dataPaths(cacheDir)).includes(stray));
  const index = join(cacheDir, 'index');
  for (const name of await readdir(index)) await writeFile(join(index, name), randomBytesOf(500));
  const { node: last } = await startNode(t, { ...options, allow: [source.host] });
  assert.equal(last.stats().Objects, 0);
  assertBytes((await get(last, source, '/b')).body, bytes);
});

test('the folder of an older version is emptied, and the log says so', async (t) => {
  const cacheDir = await temporaryFolder(t);
  await mkdir(join(cacheDir, 'objects', 'ab', 'object'), { recursive: true });
  await writeFile(join(cacheDir, 'objects', 'ab', 'object', '0.data'), 'old');
  await writeFile(join(cacheDir, 'mine.txt'), 'not of the cache');
  const lines: string[] = [];
  const logger = { info() {}, error() {}, warn: (_: object, text: string) => lines.push(text) };
  await startNode(t, { cacheDir, allow: ['a.example'], logger: logger as never });
  assert.deepEqual(lines, ['a cache of an older version was emptied']);
  const names = ['cache.json', 'data', 'index', 'lock', 'mine.txt'];
  assert.deepEqual((await readdir(cacheDir)).sort(), names);
});

test('one folder belongs to one node', async (t) => {
  const { cacheDir, source } = await sourceAndNode(t);
  await assert.rejects(startNode(t, { cacheDir, allow: [source.host] }), (error) =>
    isSluiceError(error, 'CacheBusy'),
  );
});

test('what was not used for longest goes when room is needed, also after a restart', async (t) => {
  const cacheDir = await temporaryFolder(t);
  const clock = new ManualClock();
  const options = { cacheDir, maxBytes: 4 * MiB, clock };
  const { source, node } = await sourceAndNode(t, options);
  for (const name of ['/a', '/b', '/c', '/d', '/e']) {
    source.put(name, {
      bytes: randomBytesOf(MiB),
      headers: { etag: '"1"', 'cache-control': 'max-age=999999' },
    });
  }
  for (const name of ['/a', '/b', '/c', '/d']) await get(node, source, name);
  await filled(node);
  assert.equal(node.stats().CacheBytes, 4 * MiB);
  clock.advance(2 * 3600_000);
  assert.equal((await get(node, source, '/a')).headers['x-cache'], 'HIT');
  await get(node, source, '/e');
  await filled(node);
  assert.equal(node.stats().CacheBytes, 4 * MiB);
  assert.equal(node.stats().EvictedBytes, MiB);
  await node.close();
  const { node: next } = await startNode(t, {
    ...options,
    maxBytes: 2 * MiB,
    allow: [source.host],
  });
  assert.equal(next.stats().CacheBytes, 2 * MiB);
  const states = [];
  for (const name of ['/a', '/e', '/b']) {
    states.push((await get(next, source, name)).headers['x-cache']);
  }
  assert.deepEqual(states, ['HIT', 'REVALIDATED', 'MISS'], 'the clock of the second is behind');
  assert.ok((await dataPaths(cacheDir)).length <= 3);
});

test('an object larger than the cache passes through it within the limit', async (t) => {
  const maxBytes = 2 * MiB;
  const { source, node } = await sourceAndNode(t, { maxBytes, tuning: { pieceSize: 64 * KiB } });
  const bytes = randomBytesOf(16 * MiB);
  source.put('/big', { bytes });
  for (let i = 0; i < 2; i++) assertBytes((await get(node, source, '/big')).body, bytes);
  await filled(node);
  assert.ok(node.stats().CacheBytes <= maxBytes);
  assert.ok(node.stats().CacheBytes > maxBytes / 2);
  assert.equal(source.gets[0]!.headers.range, `bytes=0-${8 * 64 * KiB - 1}`);
});

test('small objects weigh more than their bytes, so that there are not too many', async (t) => {
  const { source, node } = await sourceAndNode(t, { maxBytes: MiB });
  for (let i = 0; i < 100; i++) {
    source.put(`/${i}`, { bytes: randomBytesOf(10) });
    await get(node, source, `/${i}`);
  }
  await filled(node);
  assert.equal(node.stats().Objects, 64);
});

test('without a disk that can be written the source still serves', async (t) => {
  const clock = new ManualClock();
  const { source, node, cacheDir } = await sourceAndNode(t, { clock });
  const bytes = randomBytesOf(2 * MiB);
  for (const name of ['/a', '/b', '/c', '/d']) source.put(name, { bytes });
  await get(node, source, '/a');
  await filled(node);
  const data = join(cacheDir, 'data');
  await rename(data, `${data}.away`);
  // A file where the folder should be: nothing can be made in it.
  await writeFile(data, '');
  // Its first bytes may be on their way before the disk says no.
  await get(node, source, '/b').catch(() => {});
  await filled(node);
  assert.equal(node.stats().FailedFills, 1);
  for (const name of ['/b', '/c']) {
    const { status, headers, body } = await get(node, source, name);
    assert.deepEqual([status, headers['x-cache']], [200, 'MISS']);
    assertBytes(body, bytes);
  }
  assert.equal(node.stats().PassedRequests, 2);
  assert.equal((await get(node, source, '/a')).headers['x-cache'], 'HIT');
  await rm(data);
  await rename(`${data}.away`, data);
  clock.advance(60_000);
  // That it can be written again is found out beside the requests.
  for (let i = 0; i < 100 && node.stats().CacheBytes === bytes.length; i++) {
    await get(node, source, '/c');
    await filled(node);
  }
  assert.equal((await get(node, source, '/c')).headers['x-cache'], 'HIT');
});

/** The data files in the order in which they were begun. */
async function dataPaths(cacheDir: string): Promise<string[]> {
  const names = await readdir(join(cacheDir, 'data'), { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => basename(a).localeCompare(basename(b)));
}
