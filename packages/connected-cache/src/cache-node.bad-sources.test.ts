import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { finished } from 'node:stream/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { request } from 'undici';
import {
  assertBytes,
  filled,
  get,
  KiB,
  MiB,
  randomBytesOf,
  sourceAndNode,
  startNode,
  take,
  until,
} from './testing/harness.ts';
import type { SourceObject } from './testing/test-source.ts';

const small = { pieceSize: 64 * KiB };

const breakOff: SourceObject['instead'] = ({ socket }) => Boolean(socket.destroy());

test('a source that cuts off once is asked for the rest, and the client sees nothing of it', async (t) => {
  const { source, node } = await sourceAndNode(t, { tuning: small });
  const bytes = randomBytesOf(MiB);
  source.put('/file', { bytes, heldAt: 200_000 });
  const { body } = await request(`${node.url}/file?cacheHostOrigin=${source.host}`);
  assertBytes(await take(body, 200_000), bytes.subarray(0, 200_000));
  source.cut();
  source.allow('/file');
  assertBytes(await take(body, bytes.length - 200_000), bytes.subarray(200_000));
  assert.equal(source.asked[1]!.headers.range, `bytes=196608-${bytes.length - 1}`);
});

test('a source that is gone: the answer is cut, what came whole is kept, the next one goes on', async (t) => {
  const { source, node } = await sourceAndNode(t, { tuning: small });
  const bytes = randomBytesOf(MiB);
  source.put('/file', { bytes, heldAt: 200_000 });
  const { body } = await request(`${node.url}/file?cacheHostOrigin=${source.host}`);
  assertBytes(await take(body, 200_000), bytes.subarray(0, 200_000));
  source.change('/file', { instead: breakOff });
  source.cut();
  await assert.rejects(take(body, bytes.length - 200_000), { code: 'UND_ERR_SOCKET' });
  await filled(node);
  assert.equal(node.stats().FailedFills, 4);
  assert.equal(node.stats().CacheBytes, 3 * 64 * KiB);
  source.change('/file', { instead: undefined });
  source.allow('/file');
  assertBytes((await get(node, source, '/file')).body, bytes);
  assert.equal(source.asked.at(-1)!.headers.range, `bytes=196608-${bytes.length - 1}`);
});

test('a source that cuts off before the first byte gives 502 to all who wait, then works', async (t) => {
  const { source, node } = await sourceAndNode(t, { tuning: small });
  const bytes = randomBytesOf(1000);
  source.put('/file', { bytes, heldAt: 0 });
  const waiting = [1, 2, 3].map(() => get(node, source, '/file'));
  await until(() => node.stats().Coalesced === 2 && source.asked.length === 1);
  await until(() => node.stats().ActiveFills === 1);
  source.change('/file', { instead: breakOff });
  source.cut();
  for (const { status, body } of await Promise.all(waiting)) {
    assert.equal(status, 502);
    assert.match(body.toString(), /^fetching from 127\.0\.0\.1:\d+ failed: .+\n.+\n$/);
  }
  source.change('/file', { instead: undefined });
  source.allow('/file');
  assertBytes((await get(node, source, '/file')).body, bytes);
});

test('a source that closes a connection just as it is used again is asked once more', async (t) => {
  const { source, node } = await sourceAndNode(t);
  let first = true;
  source.put('/file', {
    bytes: randomBytesOf(10),
    instead({ socket }) {
      if (!first) return false;
      first = false;
      socket.destroy();
      return true;
    },
  });
  assert.equal((await get(node, source, '/file')).status, 200);
});

test('a source that says nothing gives 504', async (t) => {
  const tuning = { headersTimeoutMs: 150 };
  const { source, node } = await sourceAndNode(t, { tuning });
  source.put('/file', { bytes: randomBytesOf(10), instead: () => true });
  const { status, body } = await get(node, source, '/file');
  assert.equal(status, 504);
  assert.match(body.toString(), /does not answer or stopped sending/);
});

test('a source that stops sending gives 504, or cuts what has begun', async (t) => {
  const tuning = { ...small, bodyTimeoutMs: 150 };
  const { source, node } = await sourceAndNode(t, { tuning });
  const bytes = randomBytesOf(MiB);
  source.put('/none', { bytes, heldAt: 0 });
  assert.equal((await get(node, source, '/none')).status, 504);
  source.put('/some', { bytes, heldAt: 100_000 });
  await assert.rejects(get(node, source, '/some'));
  source.allow('/some');
  assertBytes((await get(node, source, '/some')).body, bytes);
});

test('a source that is not there gives 502', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  server.close();
  const host = `127.0.0.1:${port}`;
  const { node } = await startNode(t, { allow: [host] });
  const { status, body } = await get(node, { host }, '/file');
  assert.equal(status, 502);
  assert.match(body.toString(), /ECONNREFUSED/);
});

test('what a source answers instead of the object goes to the client', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const answer = (status: number, headers: Record<string, string> = {}) =>
    source.put(`/${status}`, {
      bytes: Buffer.alloc(0),
      instead(_request, response) {
        response.writeHead(status, headers).end(`because of ${status}`);
        return true;
      },
    });
  answer(401, { 'www-authenticate': 'Basic realm="x"' });
  answer(403);
  answer(503, { 'retry-after': '7' });
  const missing = await get(node, source, '/nothing');
  assert.deepEqual([missing.status, missing.body.toString()], [404, 'no such object']);
  const denied = await get(node, source, '/401');
  assert.equal(denied.status, 401);
  assert.equal(denied.headers['www-authenticate'], 'Basic realm="x"');
  const forbidden = await get(node, source, '/403');
  assert.deepEqual([forbidden.status, forbidden.body.toString()], [403, 'because of 403']);
  const busy = await get(node, source, '/503');
  assert.deepEqual([busy.status, busy.headers['retry-after']], [502, '7']);
  assert.equal(node.stats().Objects, 0);
});

test('an object that changes is never mixed: begun answers are cut, the next is of the new one', async (t) => {
  const tuning = { ...small, runPieces: 4, sourceConnections: 1 };
  const { source, node } = await sourceAndNode(t, { tuning });
  const [old, fresh] = [randomBytesOf(MiB), randomBytesOf(MiB)];
  for (const [name, before, after] of [
    ['/etag', { etag: '"old"' }, { etag: '"new"' }],
    [
      '/modified',
      { 'last-modified': 'Tue, 15 Nov 1994 12:45:26 GMT' },
      { 'last-modified': 'Wed, 16 Nov 1994 12:45:26 GMT' },
    ],
  ] as const) {
    source.put(name, { bytes: old, headers: before, heldAt: 100_000 });
    const { body } = await request(`${node.url}${name}?cacheHostOrigin=${source.host}`);
    let got = await take(body, 100_000);
    body.on('data', (chunk) => {
      got = Buffer.concat([got, chunk]);
    });
    source.put(name, { bytes: fresh, headers: after });
    await assert.rejects(finished(body));
    assert.ok(got.length < old.length);
    assertBytes(got, old.subarray(0, got.length));
    const now = await get(node, source, name);
    assertBytes(now.body, fresh);
    assert.deepEqual({ ...now.headers, ...after }, now.headers);
  }
});

test('a request that has got nothing yet starts over when the object changed', async (t) => {
  const { source, node } = await sourceAndNode(t, { tuning: small });
  const [old, fresh] = [randomBytesOf(MiB), randomBytesOf(500 * KiB)];
  source.put('/file', { bytes: old, headers: { etag: '"old"' } });
  await get(node, source, '/file', { headers: { range: 'bytes=0-9' } });
  await filled(node);
  source.put('/file', { bytes: fresh, headers: { etag: '"new"' } });
  const part = await get(node, source, '/file', { headers: { range: 'bytes=400000-' } });
  assert.equal(part.headers.etag, '"new"');
  assertBytes(part.body, fresh.subarray(400000));
  assertBytes((await get(node, source, '/file')).body, fresh);
});

test('a source that does not know If-Match is found out by its ETag', async (t) => {
  const { source, node } = await sourceAndNode(t, { tuning: small });
  const [old, fresh] = [randomBytesOf(MiB), randomBytesOf(MiB)];
  const deaf = { conditions: false };
  source.put('/file', { bytes: old, headers: { etag: '"old"' }, ...deaf });
  await get(node, source, '/file', { headers: { range: 'bytes=0-9' } });
  await filled(node);
  source.put('/file', { bytes: fresh, headers: { etag: '"new"' }, ...deaf });
  const range = { range: 'bytes=200000-' };
  assertBytes((await get(node, source, '/file', { headers: range })).body, fresh.subarray(200000));
  assertBytes((await get(node, source, '/file')).body, fresh);
});

test('an object that is gone is forgotten', async (t) => {
  const { source, node } = await sourceAndNode(t, { tuning: small });
  source.put('/file', { bytes: randomBytesOf(MiB) });
  await get(node, source, '/file', { headers: { range: 'bytes=0-9' } });
  await filled(node);
  source.remove('/file');
  const range = { range: 'bytes=900000-' };
  assert.equal((await get(node, source, '/file', { headers: range })).status, 404);
  assert.equal(node.stats().Objects, 0);
});

test('a source that answers a range with all of it, or with less, is used as it is', async (t) => {
  const { source, node } = await sourceAndNode(t, { tuning: small });
  const bytes = randomBytesOf(MiB);
  source.put('/more', { bytes });
  await get(node, source, '/more', { headers: { range: 'bytes=300000-300001' } });
  await filled(node);
  source.put('/more', { bytes, ranges: false });
  assertBytes((await get(node, source, '/more')).body, bytes);
  assert.ok(source.gets.length <= 3);
  source.put('/less', { bytes, mostPerAnswer: 150_000 });
  assertBytes((await get(node, source, '/less')).body, bytes);
});

test('answers that contradict themselves are refused', async (t) => {
  const { source, node } = await sourceAndNode(t, { tuning: small });
  const bytes = randomBytesOf(1000);
  for (const [name, headers] of [
    ['/shifted', { 'content-range': 'bytes 1-1000/2000' }],
    ['/unasked', { 'content-range': 'bytes 0-99/1000' }],
    ['/none', {}],
    ['/multi', { 'content-type': 'multipart/byteranges; boundary=x' }],
  ] as const) {
    source.put(name, {
      bytes,
      instead(_request, response) {
        response.writeHead(206, { etag: '"1"', 'content-length': '1000', ...headers }).end(bytes);
        return true;
      },
    });
    const { status, body } = await get(node, source, name);
    assert.equal(status, 502, name);
    assert.match(body.toString(), /gave an answer that cannot be used/);
  }
  assert.equal(node.stats().Objects, 0);
});

test('a body shorter than announced is not taken for the object', async (t) => {
  const { source, node } = await sourceAndNode(t, { tuning: small });
  source.put('/short', {
    bytes: randomBytesOf(1000),
    instead({ socket }) {
      socket.end('HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 1000\r\n\r\nonly this');
      return true;
    },
  });
  await assert.rejects(get(node, source, '/short'));
  await filled(node);
  assert.equal(node.stats().CacheBytes, 0);
});

test('an encoded part is refused, an encoded whole is passed on and not kept', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = gzipSync(randomBytesOf(1000));
  const headers = { etag: '"1"', 'content-encoding': 'gzip' };
  source.put('/zip', { bytes, headers });
  assert.equal((await get(node, source, '/zip')).status, 502);
  source.put('/zip', { bytes, headers, ranges: false });
  const { status, headers: got, body } = await get(node, source, '/zip');
  assert.deepEqual([status, got['content-encoding']], [200, 'gzip']);
  assertBytes(body, bytes);
  assert.equal(node.stats().Objects, 0);
});
