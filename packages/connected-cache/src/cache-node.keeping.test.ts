import assert from 'node:assert/strict';
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
import { TestSource } from './testing/test-source.ts';

const headers = { etag: '"1"', 'cache-control': 'max-age=999999999' };
const tuning = { pieceSize: 64 * KiB };

function put(source: TestSource, names: string[]): void {
  for (const name of names) source.put(name, { bytes: randomBytesOf(MiB), headers });
}

test('what is pinned stays, also over a restart, until it is unpinned', async (t) => {
  const cacheDir = await temporaryFolder(t);
  const options = { cacheDir, maxBytes: 4 * MiB, tuning };
  const { source, node } = await sourceAndNode(t, options);
  const all = Array.from({ length: 12 }, (_, i) => `/${i < 2 ? 'keep' : 'pass'}/${i}`);
  put(source, all);
  const url = (path: string) => `http://${source.host}${path}`;
  await get(node, source, '/keep/0');
  await filled(node);
  await node.store.pin(url('/keep/*'));
  for (const name of all) await get(node, source, name);
  await filled(node);
  assert.equal(node.store.drives()[0]!.PinnedBytes, 2 * MiB);
  await node.close();
  const { node: next } = await startNode(t, { ...options, allow: [source.host] });
  assert.deepEqual(next.store.pins, [url('/keep/*')]);
  for (const name of all.slice(2)) await get(next, source, name);
  for (const name of all.slice(0, 2)) {
    assert.equal((await get(next, source, name)).headers['x-cache'], 'HIT', name);
  }
  assert.equal(await next.store.unpin(url('/keep/*')), true);
  for (const name of all.slice(2)) await get(next, source, name);
  await filled(next);
  assert.equal(next.store.drives()[0]!.PinnedBytes, 0);
  await assert.rejects(next.store.pin('no url'), (e) => isSluiceError(e, 'InvalidArgument'));
});

test('a purge by URL, host or beginning takes just what it says', async (t) => {
  const { source, node } = await sourceAndNode(t, { tuning });
  const other = await TestSource.start();
  t.after(() => other[Symbol.asyncDispose]());
  const { node: both } = await startNode(t, { allow: [source.host, other.host], tuning });
  put(source, ['/a/1', '/a/2', '/b']);
  put(other, ['/a/1']);
  const fill = async () => {
    for (const name of ['/a/1', '/a/2', '/b']) await get(both, source, name);
    await get(both, other, '/a/1');
    await filled(both);
  };
  const kept = () => both.store.list().map(({ Url }) => Url);
  const url = (path: string, host = source.host) => `http://${host}${path}`;
  await fill();
  assert.deepEqual(both.store.purge({ url: url('/b') }), { Objects: 1, Bytes: MiB });
  assert.deepEqual(kept(), [url('/a/1'), url('/a/2'), url('/a/1', other.host)]);
  assert.equal(both.store.purge({ prefix: url('/a/') }).Objects, 2);
  assert.deepEqual(kept(), [url('/a/1', other.host)]);
  await fill();
  assert.equal(both.store.purge({ host: source.host }).Objects, 3);
  assert.deepEqual(kept(), [url('/a/1', other.host)]);
  assert.equal((await get(both, source, '/b')).headers['x-cache'], 'MISS');
  assert.equal(node.store.purge({ prefix: '' }).Objects, 0);
});

test('a class keeps to its quota, and neither it nor the others flush each other', async (t) => {
  const classes = [{ name: 'small', paths: ['/small/'], maxBytes: 2 * MiB }];
  const { source, node } = await sourceAndNode(t, { maxBytes: 6 * MiB, classes, tuning });
  const small = Array.from({ length: 5 }, (_, i) => `/small/${i}`);
  const big = Array.from({ length: 9 }, (_, i) => `/big/${i}`);
  put(source, [...small, ...big]);
  for (const name of [...small, ...big]) await get(node, source, name);
  await filled(node);
  // What goes are whole data files, so a few pieces less than the limit may stay.
  const bytes = Object.fromEntries(node.store.classes().map((c) => [c.Name, c.Bytes]));
  assert.ok(bytes.small! <= 2 * MiB && bytes.small! > 1.5 * MiB, `${bytes.small}`);
  assert.ok(bytes.other! <= 4.5 * MiB && bytes.other! > 3 * MiB, `${bytes.other}`);
  assert.equal(node.store.classOf(`http://${source.host}/small/x`), 'small');
});

test('what nobody asks for as long as its class says is not kept', async (t) => {
  const clock = new ManualClock();
  const classes = [{ name: 'brief', paths: ['/brief'], keepMs: 3600_000 }];
  const { source, node } = await sourceAndNode(t, { clock, classes, tuning });
  put(source, ['/brief', '/long', '/new']);
  for (const name of ['/brief', '/long']) await get(node, source, name);
  await filled(node);
  clock.advance(3000_000);
  assert.equal((await get(node, source, '/brief')).headers['x-cache'], 'HIT');
  clock.advance(3000_000);
  assert.equal((await get(node, source, '/brief')).headers['x-cache'], 'HIT', 'it was used since');
  clock.advance(4000_000);
  // Something new makes the node look what is over.
  await get(node, source, '/new');
  await filled(node);
  assert.deepEqual(
    node.store.list().map(({ Url }) => Url.split('/').at(-1)),
    ['long', 'new'],
  );
  assert.equal((await get(node, source, '/brief')).headers['x-cache'], 'MISS');
});

test('hosts that bring the same share one copy', async (t) => {
  const source = await TestSource.start();
  t.after(() => source[Symbol.asyncDispose]());
  const bytes = randomBytesOf(MiB);
  source.put('/file', { bytes, headers });
  const port = source.host.split(':')[1]!;
  const aliases = { 'cdn-a.example': source.host, [`localhost:${port}`]: source.host };
  const { node } = await startNode(t, { allow: [source.host], aliases, tuning });
  for (const [host, state] of [
    ['cdn-a.example', 'MISS'],
    [`localhost:${port}`, 'HIT'],
    [source.host, 'HIT'],
  ] as const) {
    const { headers: said, body } = await get(node, { host }, '/file');
    assertBytes(body, bytes);
    await filled(node);
    assert.equal(said['x-cache'], state, host);
  }
  assert.equal(source.sent, bytes.length);
  assert.equal((await get(node, { host: 'cdn-b.example' }, '/file')).status, 403);
});

test('an alias whose canonical name is no source is fetched from where it was asked for', async (t) => {
  const { source, node } = await sourceAndNode(t, { tuning });
  const aliases = { [source.host]: 'family.example' };
  const { node: aliased } = await startNode(t, { allow: [source.host], aliases, tuning });
  put(source, ['/file']);
  await get(aliased, source, '/file');
  assert.deepEqual(
    aliased.store.list().map(({ Url }) => Url),
    ['http://family.example/file'],
  );
  assert.equal(node.store.list().length, 0);
});

test('options of drives, classes and aliases that make no sense are refused', async (t) => {
  const folder = await temporaryFolder(t);
  const drive = { folder, maxBytes: 8 * MiB };
  for (const options of [
    { drives: [] },
    { drives: [drive, drive] },
    { drives: Array.from({ length: 10 }, (_, i) => ({ ...drive, folder: `${folder}/${i}` })) },
    { drives: [drive], cacheDir: folder },
    { drives: [{ folder, maxBytes: 5 }] },
    { cacheDir: folder, classes: [{ name: 'other', paths: ['/'] }] },
    { cacheDir: folder, classes: [{ name: 'a' }] },
    { cacheDir: folder, classes: [{ name: 'a', hosts: ['x'], maxBytes: 0 }] },
    { cacheDir: folder, aliases: { 'a/b': 'c' } },
  ]) {
    await assert.rejects(
      startNode(t, { allow: ['a.example'], ...options }),
      (error) => isSluiceError(error, 'InvalidArgument'),
      JSON.stringify(options),
    );
  }
});
