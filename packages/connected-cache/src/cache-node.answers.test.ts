import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertBytes,
  filled,
  get,
  KiB,
  MiB,
  randomBytesOf,
  sourceAndNode,
} from './testing/harness.ts';
import { rawExchange } from './testing/raw-client.ts';

test('fetches what is asked in whole pieces, once, and serves it from the disk then', async (t) => {
  const { source, node } = await sourceAndNode(t, { tuning: { sourceConnections: 1 } });
  const bytes = randomBytesOf(5 * MiB + 123);
  source.put('/file', { bytes });
  const part = await get(node, source, '/file', { headers: { range: 'bytes=100-199' } });
  assert.equal(part.status, 206);
  assert.equal(part.headers['content-range'], `bytes 100-199/${bytes.length}`);
  assert.equal(part.headers['x-cache'], 'MISS');
  assertBytes(part.body, bytes.subarray(100, 200));
  assert.equal(source.gets[0]!.headers.range, 'bytes=0-1048575');
  await filled(node);

  const whole = await get(node, source, '/file');
  assert.equal(whole.status, 200);
  assert.equal(whole.headers['x-cache'], 'PARTIAL');
  assertBytes(whole.body, bytes);
  assert.deepEqual(
    source.gets.slice(1).map(({ headers }) => [headers.range, headers['if-match']]),
    [
      ['bytes=1048576-4194303', `"/file-${bytes.length}"`],
      [`bytes=4194304-${bytes.length - 1}`, `"/file-${bytes.length}"`],
    ],
  );

  const again = await get(node, source, '/file');
  assert.equal(again.headers['x-cache'], 'HIT');
  assertBytes(again.body, bytes);
  assert.equal(source.sent, bytes.length);
  const { HitBytes, MissBytes, EgressBytes, CacheBytes, Objects, FillRequests } = node.stats();
  assert.equal(HitBytes + MissBytes, EgressBytes);
  assert.equal(EgressBytes, 2 * bytes.length + 100);
  assert.equal(MissBytes, bytes.length - MiB + 100);
  assert.equal(CacheBytes, bytes.length);
  assert.equal(Objects, 1);
  assert.equal(FillRequests, 3);
});

test('takes the source from the Host header and from a whole URL, too', async (t) => {
  const { source, node } = await sourceAndNode(t);
  source.put('/a/b', { bytes: Buffer.from('hello') });
  const close = 'Connection: close\r\n\r\n';
  for (const head of [
    `GET /a/b?x=1 HTTP/1.1\r\nHost: ${source.host}\r\n`,
    `GET http://${source.host}/a/b?x=1 HTTP/1.1\r\nHost: elsewhere\r\n`,
    `GET /a/b?cacheHostOrigin=${source.host}&x=1 HTTP/1.1\r\nHost: elsewhere\r\n`,
    `GET /a/b?x=1&CACHEHOSTORIGIN=${source.host} HTTP/1.0\r\n`,
  ]) {
    const answer = await rawExchange(node.url, head + close);
    assert.match(answer, /^HTTP\/1\.1 200 .*hello$/s, head);
  }
  assert.deepEqual(
    source.asked.map(({ url }) => url),
    ['/a/b?x=1'],
    'all of them mean one object',
  );
});

test('keeps the query for the source byte for byte', async (t) => {
  const { source, node } = await sourceAndNode(t);
  source.put('/q', { bytes: Buffer.from('x') });
  await rawExchange(
    node.url,
    `GET /q?P1=%2f&&b=a+b&cacheHostOrigin=${source.host}&=&P4=Zm9v%3d%3D HTTP/1.1\r\nHost: c\r\nConnection: close\r\n\r\n`,
  );
  assert.equal(source.asked[0]!.url, '/q?P1=%2f&&b=a+b&=&P4=Zm9v%3d%3D');
});

test('passes on what the source says of the object, and says what it did itself', async (t) => {
  const { source, node } = await sourceAndNode(t);
  source.put('/h', {
    bytes: randomBytesOf(10),
    headers: {
      etag: '"1"',
      'last-modified': 'Tue, 15 Nov 1994 12:45:26 GMT',
      'content-type': 'application/x-thing',
      'content-disposition': 'attachment; filename="h"',
      'cache-control': 'max-age=600',
      'x-custom': 'kept',
      via: '1.1 beyond',
      age: '30',
      connection: 'x-hop',
      'x-hop': 'not passed on',
      'content-md5': 'of one message only',
    },
  });
  for (const state of ['MISS', 'HIT']) {
    const { headers } = await get(node, source, '/h');
    assert.equal(headers.etag, '"1"');
    assert.equal(headers['last-modified'], 'Tue, 15 Nov 1994 12:45:26 GMT');
    assert.equal(headers['content-type'], 'application/x-thing');
    assert.equal(headers['content-disposition'], 'attachment; filename="h"');
    assert.equal(headers['cache-control'], 'max-age=600');
    assert.equal(headers['x-custom'], 'kept');
    assert.equal(headers['accept-ranges'], 'bytes');
    assert.equal(headers['x-cache'], state);
    assert.ok(Number(headers.age) >= 30);
    assert.match(`${headers.via}`, /^1\.1 beyond,1\.1 sluice-\w+$|^1\.1 beyond, 1\.1 sluice-\w+$/);
    assert.equal(headers['x-hop'], undefined);
    assert.equal(headers['content-md5'], undefined);
  }
});

test('asks with plain headers of its own, and no cookies', async (t) => {
  const { source, node } = await sourceAndNode(t);
  source.put('/h', { bytes: randomBytesOf(10) });
  const headers = { cookie: 'secret=1', 'accept-encoding': 'gzip, br', 'user-agent': 'mine' };
  await get(node, source, '/h', { headers });
  const [asked] = source.asked;
  assert.equal(asked!.headers.cookie, undefined);
  assert.equal(asked!.headers['accept-encoding'], 'identity');
  assert.equal(asked!.headers['user-agent'], 'Sluice-Connected-Cache');
  assert.match(asked!.headers.via!, /^1\.1 sluice-/);
});

test('HEAD tells about an object without fetching it', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(3 * MiB);
  source.put('/file', { bytes });
  for (let i = 0; i < 2; i++) {
    const { status, headers, body } = await get(node, source, '/file', { method: 'HEAD' });
    assert.equal(status, 200);
    assert.equal(headers['content-length'], `${bytes.length}`);
    assert.equal(body.length, 0);
  }
  assert.deepEqual(
    source.asked.map(({ method }) => method),
    ['HEAD'],
  );
});

test('answers every kind of single range', async (t) => {
  const { source, node } = await sourceAndNode(t, { tuning: { pieceSize: 64 * KiB } });
  const bytes = randomBytesOf(300 * KiB + 1);
  source.put('/r', { bytes });
  for (const [range, start, end] of [
    ['bytes=0-0', 0, 1],
    ['bytes=65535-65536', 65535, 65537],
    ['bytes=300000-', 300000, bytes.length],
    ['bytes=-1', bytes.length - 1, bytes.length],
    ['bytes=-999999', 0, bytes.length],
    ['bytes=307200-999999', 307200, bytes.length],
  ] as const) {
    const { status, headers, body } = await get(node, source, '/r', { headers: { range } });
    assert.equal(status, 206, range);
    assert.equal(headers['content-range'], `bytes ${start}-${end - 1}/${bytes.length}`);
    assertBytes(body, bytes.subarray(start, end));
  }
  assert.equal(source.sent, bytes.length);
});

test('answers 416 for a range beyond the end, known object or not', async (t) => {
  const { source, node } = await sourceAndNode(t);
  source.put('/r', { bytes: randomBytesOf(1000) });
  for (const range of ['bytes=5000000-', 'bytes=1000-1001', 'bytes=-0']) {
    const { status, headers } = await get(node, source, '/r', { headers: { range } });
    assert.equal(status, 416, range);
    assert.equal(headers['content-range'], 'bytes */1000', range);
  }
});

test('serves an empty object', async (t) => {
  const { source, node } = await sourceAndNode(t);
  source.put('/empty', { bytes: Buffer.alloc(0) });
  for (let i = 0; i < 2; i++) {
    const { status, headers, body } = await get(node, source, '/empty');
    assert.deepEqual([status, headers['content-length'], body.length], [200, '0', 0]);
  }
});

test('answers several ranges as parts of one body', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(100);
  source.put('/r', { bytes, headers: { etag: '"1"', 'content-type': 'a/b' } });
  const { status, headers, body } = await get(node, source, '/r', {
    headers: { range: 'bytes=90-,0-4,3-9' },
  });
  assert.equal(status, 206);
  const boundary = /^multipart\/byteranges; boundary=(.+)$/.exec(`${headers['content-type']}`)?.[1];
  const expected = [
    `--${boundary}\r\nContent-Type: a/b\r\nContent-Range: bytes 0-9/100\r\n\r\n`,
    bytes.subarray(0, 10).toString('latin1'),
    `\r\n--${boundary}\r\nContent-Type: a/b\r\nContent-Range: bytes 90-99/100\r\n\r\n`,
    bytes.subarray(90).toString('latin1'),
    `\r\n--${boundary}--\r\n`,
  ];
  assert.equal(body.toString('latin1'), expected.join(''));
});

test('answers conditions of the client itself', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const modified = 'Tue, 15 Nov 1994 12:45:26 GMT';
  const bytes = randomBytesOf(100);
  source.put('/c', { bytes, headers: { etag: '"1"', 'last-modified': modified } });
  const ask = async (headers: Record<string, string>) =>
    (await get(node, source, '/c', { headers })).status;
  assert.equal(await ask({ 'if-none-match': '"1"' }), 304);
  assert.equal(source.gets.length, 0, 'nothing was fetched for that');
  assert.equal(await ask({ 'if-none-match': '"0", W/"1"' }), 304);
  assert.equal(await ask({ 'if-none-match': '"2"' }), 200);
  assert.equal(await ask({ 'if-modified-since': modified }), 304);
  assert.equal(await ask({ 'if-match': '"2"' }), 412);
  assert.equal(await ask({ 'if-match': '"1"' }), 200);
  assert.equal(await ask({ 'if-range': '"1"', range: 'bytes=0-1' }), 206);
  assert.equal(await ask({ 'if-range': '"2"', range: 'bytes=0-1' }), 200);
  assert.equal(await ask({ 'if-range': modified, range: 'bytes=0-1' }), 206);
});

test('stats are for this machine', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const answer = await fetch(`${node.url}/_sluice/stats`);
  assert.equal(answer.headers.get('content-type'), 'application/json');
  const stats = (await answer.json()) as object;
  assert.deepEqual(Object.keys(stats).sort(), Object.keys(node.stats()).sort());
  source.put('/_sluice/stats', { bytes: Buffer.from('of the source') });
  const { body } = await get(node, source, '/_sluice/stats');
  assert.equal(body.toString(), 'of the source');
});
