import assert from 'node:assert/strict';
import { open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
  const folder = await onlyObject(cacheDir);
  const file = await open(join(folder, '1.data'), 'r+');
  await file.write(Buffer.from([bytes[3 * 64 * KiB - 1]! ^ 1]), 0, 1, 64 * KiB - 1);
  await file.close();
  await writeFile(join(folder, '3.data'), bytes.subarray(0, 10));
  const { node: next } = await startNode(t, { cacheDir, allow: [source.host], tuning: small });
  const before = source.sent;
  assertBytes((await get(next, source, '/file')).body, bytes);
  assert.equal(source.sent - before, 64 * KiB + (bytes.length - 6 * 64 * KiB));
  await filled(next);
  assert.equal(next.stats().CacheBytes, bytes.length);
});

test('damaged and foreign things in the folder are dropped, the rest stays', async (t) => {
  const cacheDir = await temporaryFolder(t);
  const { source, node } = await sourceAndNode(t, { cacheDir, tuning: small });
  const names = ['/whole', '/record', '/journal', '/torn', '/stray'];
  for (const name of names) {
    source.put(name, { bytes: randomBytesOf(300 * KiB) });
    await get(node, source, name);
  }
  await node.close();
  const objects = await objectFolders(cacheDir);
  const folderOf = async (name: string) => {
    for (const folder of objects) {
      if ((await readFile(join(folder, 'record'), 'utf8')).includes(`${source.host}${name}"`))
        return folder;
    }
    throw new Error(name);
  };
  const record = join(await folderOf('/record'), 'record');
  await writeFile(
    record,
    (await readFile(record, 'utf8')).replace('"length":307200', '"length":307201'),
  );
  await writeFile(join(await folderOf('/journal'), 'pieces'), randomBytesOf(120));
  const torn = join(await folderOf('/torn'), 'pieces');
  await writeFile(torn, (await readFile(torn)).subarray(0, 2 * 12 + 5));
  const stray = await folderOf('/stray');
  await writeFile(join(stray, '9.data'), 'x');
  const { node: next } = await startNode(t, { cacheDir, allow: [source.host], tuning: small });
  assert.equal(next.stats().Objects, 3);
  assert.equal(next.stats().CacheBytes, 2 * 300 * KiB + 2 * 64 * KiB);
  for (const name of names) {
    const state = ['/whole', '/stray'].includes(name)
      ? 'HIT'
      : name === '/torn'
        ? 'PARTIAL'
        : 'MISS';
    assert.equal((await get(next, source, name)).headers['x-cache'], state, name);
  }
  await next.close();
  assert.equal((await readFile(torn)).length % 12, 0);
  assert.ok(!(await readdir(stray)).includes('9.data'));
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
  assert.equal((await objectFolders(cacheDir)).length <= 3, true);
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
  const objects = join(cacheDir, 'objects');
  await rename(objects, `${objects}.away`);
  // A file where the folder should be: nothing can be made in it.
  await writeFile(objects, '');
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
  await rm(objects);
  await rename(`${objects}.away`, objects);
  clock.advance(60_000);
  await get(node, source, '/c');
  await filled(node);
  assert.equal((await get(node, source, '/c')).headers['x-cache'], 'HIT');
});

async function objectFolders(cacheDir: string): Promise<string[]> {
  const folders: string[] = [];
  for (const group of await readdir(join(cacheDir, 'objects'))) {
    for (const name of await readdir(join(cacheDir, 'objects', group))) {
      folders.push(join(cacheDir, 'objects', group, name));
    }
  }
  return folders;
}

async function onlyObject(cacheDir: string): Promise<string> {
  const folders = await objectFolders(cacheDir);
  assert.equal(folders.length, 1);
  return folders[0]!;
}
