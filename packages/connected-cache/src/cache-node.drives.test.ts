import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import type { CacheNodeOptions } from './options.ts';
import { FaultyFiles } from './testing/faulty-files.ts';
import {
  assertBytes,
  filled,
  get,
  KiB,
  MiB,
  randomBytesOf,
  sourceAndNode,
  temporaryFolder,
  until,
} from './testing/harness.ts';

const pieceSize = 64 * KiB;
const names = Array.from({ length: 8 }, (_, i) => `/${i}`);
const headers = { etag: '"1"', 'cache-control': 'max-age=999999' };

async function setUp(t: TestContext, sizes: number[], options: Partial<CacheNodeOptions> = {}) {
  const folder = await temporaryFolder(t);
  const files = new FaultyFiles();
  const clock = new ManualClock();
  const drives = sizes.map((maxBytes, i) => ({ folder: join(folder, `${i}`), maxBytes }));
  const { source, node } = await sourceAndNode(t, {
    drives,
    clock,
    ...options,
    tuning: { pieceSize, files, ...options.tuning },
  });
  const contents = new Map(names.map((name) => [name, randomBytesOf(MiB)]));
  for (const [name, bytes] of contents) source.put(name, { bytes, headers });
  const ask = async (name: string) => {
    const { headers: said, body } = await get(node, source, name);
    assertBytes(body, contents.get(name)!);
    return said['x-cache'];
  };
  /** Drive of each object that is kept. */
  const places = () =>
    Object.fromEntries(node.store.list().map(({ Url, Drive }) => [Url.slice(-2), Drive]));
  return { folder, files, clock, drives, source, node, contents, ask, places };
}

test('new objects go where there is most room, and each drive keeps to its size', async (t) => {
  const { node, ask, drives, places } = await setUp(t, [8 * MiB, 4 * MiB]);
  for (const name of names) await ask(name);
  await filled(node);
  const [first, second] = node.store.drives();
  assert.deepEqual([first!.Bytes, second!.Bytes], [6 * MiB, 2 * MiB]);
  assert.deepEqual(new Set(Object.values(places())), new Set(drives.map((d) => d.folder)));
  for (const name of names) assert.equal(await ask(name), 'HIT');
});

test('a drive that vanishes in the middle of answers is replaced by the source, and comes back', async (t) => {
  const { files, node, ask, drives, places, clock, source } = await setUp(t, [16 * MiB, 16 * MiB]);
  for (const name of names) await ask(name);
  await filled(node);
  const lost = drives[0]!.folder;
  const before = places();
  files.fault = (_, path) => (path.startsWith(lost) ? 'ENOENT' : undefined);
  const asked = source.gets.length;
  for (const name of names) await ask(name);
  assert.ok(source.gets.length > asked, 'the test needs objects on the drive that is lost');
  for (const name of names) {
    if (before[name] !== lost) assert.equal(await ask(name), 'HIT', name);
  }
  await filled(node);
  await until(() => node.store.drives()[0]!.State === 'Aside');
  for (const name of names) assert.equal(await ask(name), 'HIT', 'all is on the other one now');
  const [issue] = node.store.issues();
  assert.deepEqual([issue!.type, issue!.drive, issue!.endedAt], ['DriveNotFound', lost, undefined]);
  files.fault = () => undefined;
  clock.advance(31_000);
  await until(() => node.store.drives()[0]!.State === 'Ready');
  await until(() => node.store.issues().every(({ endedAt }) => endedAt !== undefined));
  for (const name of names) assert.equal(await ask(name), 'HIT');
});

test('a drive that can no longer be written to is read as before, the rest goes elsewhere', async (t) => {
  const { files, node, ask, drives, clock } = await setUp(t, [16 * MiB, 15 * MiB]);
  await ask('/0');
  await filled(node);
  assert.equal(node.store.drives()[0]!.Bytes, MiB);
  const broken = drives[0]!.folder;
  files.fault = (operation, path) =>
    operation !== 'read' && operation !== 'free' && path.startsWith(broken) ? 'EROFS' : undefined;
  for (const name of ['/1', '/2']) assert.ok(['MISS', 'HIT'].includes(`${await ask(name)}`));
  await filled(node);
  assert.equal(node.store.drives()[0]!.State, 'ReadOnly');
  assert.equal(await ask('/0'), 'HIT');
  // What went to the client from memory while the drive failed is fetched once more.
  for (const name of ['/1', '/2']) await ask(name);
  await filled(node);
  for (const name of ['/1', '/2']) assert.equal(await ask(name), 'HIT');
  assert.equal(node.store.drives()[1]!.Bytes, 2 * MiB);
  assert.equal(node.store.issues()[0]!.type, 'DrivePermission');
  files.fault = () => undefined;
  clock.advance(31_000);
  await until(() => node.store.drives()[0]!.State === 'Ready');
});

test('a file system that is full costs room, not answers', async (t) => {
  const { files, node, ask } = await setUp(t, [16 * MiB]);
  for (const name of ['/0', '/1', '/2']) await ask(name);
  await filled(node);
  let left = 1;
  files.fault = (operation, path) =>
    operation === 'write' && path.includes('/data/') && left-- > 0 ? 'ENOSPC' : undefined;
  // While room is made the source answers.
  for (let i = 0; i < 100 && (await ask('/3')) !== 'HIT'; i++) await filled(node);
  assert.equal(await ask('/3'), 'HIT');
  assert.ok(node.stats().EvictedBytes > 0);
  assert.equal(node.store.drives()[0]!.State, 'Ready');
});

test('the real free space is the limit when it is less than was said', async (t) => {
  const { files, node, ask } = await setUp(t, [64 * MiB]);
  files.freeBytes = async () => 3 * MiB - node.store.drives()[0]!.Bytes;
  await ask('/0');
  await filled(node);
  const drive = () => node.store.drives()[0]!;
  for (const name of names) await ask(name);
  await filled(node);
  // It looks beside its work: what came meanwhile makes room when the next comes.
  for (let i = 0; i < 50 && drive().Bytes > 3 * MiB; i++) {
    await ask(names[i % names.length]!);
    await filled(node);
  }
  assert.ok(drive().Bytes <= 3 * MiB, `${drive().Bytes}`);
  assert.equal(node.store.issues()[0]!.type, 'DriveTooSmall');
});

test('a piece that cannot be read comes from the source within the same answer', async (t) => {
  const { files, node, ask, source } = await setUp(t, [16 * MiB]);
  await ask('/0');
  await filled(node);
  let left = 1;
  files.fault = (operation, path) =>
    operation === 'read' && path.includes('/data/') && left-- > 0 ? 'EIO' : undefined;
  await ask('/0');
  await filled(node);
  assert.equal(source.sent, MiB + pieceSize);
  assert.equal(node.store.issues()[0]!.type, 'DriveInputOutputError');
  assert.equal(node.store.drives()[0]!.State, 'Ready');
  assert.equal(await ask('/0'), 'HIT');
});

test('a node starts with the drives that there are', async (t) => {
  const folder = await temporaryFolder(t);
  const files = new FaultyFiles();
  files.fault = (_, path) => (path.startsWith(join(folder, 'bad')) ? 'EIO' : undefined);
  const drives = ['bad', 'good'].map((name) => ({ folder: join(folder, name), maxBytes: 8 * MiB }));
  const { source, node } = await sourceAndNode(t, { drives, tuning: { files, pieceSize } });
  assert.deepEqual(
    node.store.drives().map(({ State }) => State),
    ['Aside', 'Ready'],
  );
  source.put('/a', { bytes: randomBytesOf(MiB) });
  await get(node, source, '/a');
  await filled(node);
  assert.equal((await get(node, source, '/a')).headers['x-cache'], 'HIT');
});

test('the empty place where a drive was mounted is not taken for the drive', async (t) => {
  const { files, node, ask, drives, clock } = await setUp(t, [16 * MiB]);
  await ask('/0');
  await filled(node);
  const { folder } = drives[0]!;
  files.fault = (operation) => (operation === 'write' ? 'EIO' : undefined);
  await rm(join(folder, 'data'), { recursive: true });
  await rm(join(folder, 'index'), { recursive: true });
  await rm(join(folder, 'cache.json'));
  await ask('/1').catch(() => {});
  // It is seen by whichever write comes first, that of the index or of the object.
  await until(() => node.store.drives()[0]!.State !== 'Ready');
  files.fault = () => undefined;
  await mkdir(folder, { recursive: true });
  await until(() => {
    // What is tried again after half a minute may begin to wait for it only now.
    clock.advance(31_000);
    return node.store.issues().some(({ type }) => type === 'DriveNotFound');
  });
  await until(() => node.store.drives()[0]!.State === 'Aside');
});
