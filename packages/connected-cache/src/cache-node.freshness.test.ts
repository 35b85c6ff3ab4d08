import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { assertBytes, filled, get, KiB, randomBytesOf, sourceAndNode } from './testing/harness.ts';

const hour = 3600_000;

test('asks again when the answer is stale, with one conditional request for all', async (t) => {
  const clock = new ManualClock();
  const { source, node } = await sourceAndNode(t, { clock });
  const bytes = randomBytesOf(1000);
  source.put('/file', { bytes, headers: { etag: '"1"', 'cache-control': 'max-age=60' } });
  await get(node, source, '/file');
  clock.advance(58_000);
  assert.equal((await get(node, source, '/file')).headers['x-cache'], 'HIT');
  assert.equal(source.asked.length, 1);
  clock.advance(5_000);
  const replies = await Promise.all([1, 2, 3, 4].map(() => get(node, source, '/file')));
  for (const { headers, body } of replies) {
    assert.match(
      String(headers['x-cache']),
      /^(REVALIDATED|HIT)$/,
      'HIT for one that came too late',
    );
    assert.ok(Number(headers.age) <= 1);
    assertBytes(body, bytes);
  }
  assert.equal(source.asked.length, 2);
  assert.equal(source.asked[1]!.headers['if-none-match'], '"1"');
  assert.equal(node.stats().CheckRequests, 1);
  await get(node, source, '/file');
  assert.equal(source.asked.length, 2, 'it is fresh again');
});

test('a stale object that has changed is fetched anew', async (t) => {
  const clock = new ManualClock();
  const { source, node } = await sourceAndNode(t, { clock });
  const [old, fresh] = [randomBytesOf(1000), randomBytesOf(2000)];
  const headers = { 'cache-control': 's-maxage=10, max-age=9999' };
  source.put('/file', { bytes: old, headers: { ...headers, etag: '"1"' } });
  await get(node, source, '/file');
  source.put('/file', { bytes: fresh, headers: { ...headers, etag: '"2"' } });
  assertBytes((await get(node, source, '/file')).body, old);
  clock.advance(11_000);
  assertBytes((await get(node, source, '/file')).body, fresh);
  await filled(node);
  assert.equal(node.stats().CacheBytes, 2000);
  assert.equal(node.stats().Objects, 1);
});

test('knows Expires, no-cache, and takes silence for a day', async (t) => {
  const clock = new ManualClock();
  const { source, node } = await sourceAndNode(t, { clock });
  const inOneHour = new Date(Date.now() + hour).toUTCString();
  const put = (path: string, headers: Record<string, string>) =>
    source.put(path, { bytes: randomBytesOf(10), headers: { etag: '"1"', ...headers } });
  put('/expires', { expires: inOneHour, date: new Date().toUTCString() });
  put('/expired', { expires: '0' });
  put('/no-cache', { 'cache-control': 'no-cache' });
  put('/silent', {});
  const asks = async (path: string) => {
    const before = source.asked.length;
    await get(node, source, path);
    return source.asked.length - before;
  };
  for (const path of ['/expires', '/expired', '/no-cache', '/silent']) await asks(path);
  clock.advance(hour - 10_000);
  assert.deepEqual(
    [
      await asks('/expires'),
      await asks('/expired'),
      await asks('/no-cache'),
      await asks('/silent'),
    ],
    [0, 1, 1, 0],
  );
  clock.advance(20_000);
  assert.equal(await asks('/expires'), 1);
  clock.advance(22 * hour);
  assert.equal(await asks('/silent'), 0);
  clock.advance(hour);
  assert.equal(await asks('/silent'), 1);
});

test('a client may ask for a younger answer, as package managers do for their indexes', async (t) => {
  const clock = new ManualClock();
  const { source, node } = await sourceAndNode(t, { clock });
  source.put('/InRelease', { bytes: randomBytesOf(10) });
  await get(node, source, '/InRelease');
  clock.advance(100_000);
  for (const [control, asked] of [
    ['max-age=200', 0],
    ['max-age=50', 1],
    ['max-age=0', 1],
    ['no-cache', 1],
    ['max-stale', 0],
  ] as const) {
    const before = source.asked.length;
    const headers = { 'cache-control': control };
    assert.equal((await get(node, source, '/InRelease', { headers })).status, 200);
    assert.equal(source.asked.length - before, asked, control);
  }
});

test('when the source cannot be asked, a stale object is not given out', async (t) => {
  const clock = new ManualClock();
  const { source, node } = await sourceAndNode(t, { clock });
  source.put('/file', { bytes: randomBytesOf(1000) });
  await get(node, source, '/file');
  clock.advance(25 * hour);
  source.put('/file', {
    bytes: Buffer.alloc(0),
    instead: (_request, response) => Boolean(response.writeHead(500).end()),
  });
  assert.equal((await get(node, source, '/file')).status, 502);
});

test('a stale object keeps its pieces through a check with a range', async (t) => {
  const clock = new ManualClock();
  const { source, node } = await sourceAndNode(t, { clock, tuning: { pieceSize: 64 * KiB } });
  const bytes = randomBytesOf(300 * KiB);
  source.put('/file', { bytes });
  await get(node, source, '/file', { headers: { range: 'bytes=0-9' } });
  await filled(node);
  clock.advance(25 * hour);
  const range = { range: `bytes=${100 * KiB}-` };
  assertBytes(
    (await get(node, source, '/file', { headers: range })).body,
    bytes.subarray(100 * KiB),
  );
  assertBytes((await get(node, source, '/file')).body, bytes);
  assert.equal(source.sent, bytes.length);
});

test('checks use their connections again and again', async (t) => {
  const { source, node } = await sourceAndNode(t);
  source.put('/file', {
    bytes: randomBytesOf(10),
    headers: { etag: '"1"', 'cache-control': 'no-cache' },
  });
  for (let i = 0; i < 150; i++) {
    assert.equal((await get(node, source, '/file')).status, 200);
  }
  assert.equal(source.connections, 1);
});
