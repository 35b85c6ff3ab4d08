import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { isSluiceError, ManualClock } from '@sluice/protocol';
import { request } from 'undici';
import { createCacheNode } from './cache-node.ts';
import { certificate, certificateKey } from './testing/certificate.ts';
import {
  assertBytes,
  get,
  KiB,
  MiB,
  randomBytesOf,
  sourceAndNode,
  startNode,
  take,
  temporaryFolder,
  until,
} from './testing/harness.ts';
import { TestSource } from './testing/test-source.ts';

test('asks a source over TLS when its entry says so, and checks its certificate', async (t) => {
  const bytes = randomBytesOf(100);
  const server = createServer({ key: certificateKey, cert: certificate }, (_request, response) => {
    response.writeHead(200, { etag: '"1"', 'content-length': bytes.length }).end(bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const allow = [`https://${host}`];
  const { node } = await startNode(t, { allow, tuning: { ca: certificate } });
  assertBytes((await get(node, { host }, '/x')).body, bytes);
  const { node: strict } = await startNode(t, { allow });
  const refused = await get(strict, { host }, '/x');
  assert.equal(refused.status, 502);
  assert.match(refused.body.toString(), /self-signed certificate/);
});

test('listens and fetches over IPv6', async (t) => {
  const source = await TestSource.start('::1').catch(() => undefined);
  if (!source) return t.skip('no IPv6 here');
  const listen = { host: '::1', port: 0 };
  const { node } = await startNode(t, { allow: [source.host], listen });
  t.after(() => source[Symbol.asyncDispose]());
  assert.match(node.url, /^http:\/\/\[::1\]:\d+$/);
  const bytes = randomBytesOf(100);
  source.put('/x', { bytes });
  assertBytes((await get(node, source, '/x')).body, bytes);
  assert.ok((await fetch(`${node.url}/_sluice/stats`)).ok);
});

test('says what is wrong with its options, and leaves nothing behind', async (t) => {
  const cacheDir = await temporaryFolder(t);
  const good = {
    cacheDir,
    listen: { host: '127.0.0.1', port: 0 },
    maxBytes: MiB,
    allow: ['a.example'],
  };
  for (const bad of [
    { maxBytes: MiB - 1 },
    { maxBytes: Number.NaN },
    { listen: { host: '127.0.0.1', port: 65536 } },
    { allow: [] },
    { allow: ['*'] },
    { allow: ['http://user@host'] },
  ]) {
    await assert.rejects(createCacheNode({ ...good, ...bad }), (error) =>
      isSluiceError(error, 'InvalidArgument'),
    );
  }
  const node = await createCacheNode(good);
  const port = Number(new URL(node.url).port);
  await assert.rejects(
    createCacheNode({
      ...good,
      cacheDir: join(cacheDir, 'other'),
      listen: { host: '127.0.0.1', port },
    }),
    (error) => isSluiceError(error, 'ListenFailed'),
  );
  await node.close();
  await using again = await createCacheNode({ ...good, cacheDir: join(cacheDir, 'other') });
  assert.ok(again.url);
  await writeFile(join(cacheDir, 'file'), '');
  await assert.rejects(createCacheNode({ ...good, cacheDir: join(cacheDir, 'file') }), (error) =>
    isSluiceError(error, 'DiskFailed'),
  );
});

test('closing lets answers end, then cuts those that do not', async (t) => {
  const clock = new ManualClock();
  const { source, node } = await sourceAndNode(t, { clock, tuning: { pieceSize: 64 * KiB } });
  const bytes = randomBytesOf(MiB);
  source.put('/ends', { bytes, heldAt: 1000 });
  source.put('/hangs', { bytes, heldAt: 1000 });
  const ends = await request(`${node.url}/ends?cacheHostOrigin=${source.host}`);
  const hangs = await request(`${node.url}/hangs?cacheHostOrigin=${source.host}`);
  await take(ends.body, 1000);
  await take(hangs.body, 1000);
  const closed = node.close();
  assert.equal(node.close(), closed);
  source.allow('/ends');
  assertBytes(await take(ends.body, bytes.length - 1000), bytes.subarray(1000));
  await until(() => node.stats().ActiveAnswers === 1);
  clock.advance(200);
  await assert.rejects(take(hangs.body, 1));
  await closed;
  await assert.rejects(get(node, source, '/ends'));
  assert.equal(node.stats().ActiveFills, 0);
});

test('a folder that cannot be written is named', { skip: process.getuid?.() === 0 }, async (t) => {
  const cacheDir = join(await temporaryFolder(t), 'cache');
  await mkdir(cacheDir);
  await chmod(cacheDir, 0o500);
  await assert.rejects(startNode(t, { cacheDir, allow: ['a.example'] }), (error) =>
    isSluiceError(error, 'DiskUnwritable'),
  );
});
