import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from 'undici';
import {
  assertBytes,
  get,
  MiB,
  randomBytesOf,
  sourceAndNode,
  startNode,
  take,
  until,
} from './testing/harness.ts';
import { TestSource } from './testing/test-source.ts';

test('answers that must not be kept, or cannot, are passed through', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(1000);
  for (const [path, headers] of [
    ['/no-store', { etag: '"1"', 'cache-control': 'no-store' }],
    ['/private', { etag: '"1"', 'cache-control': 'max-age=9, PRIVATE' }],
    ['/cookie', { etag: '"1"', 'set-cookie': 'a=b' }],
    ['/vary', { etag: '"1"', vary: '*' }],
    ['/nothing-to-know-it-by', {}],
    ['/weak', { etag: 'W/"1"' }],
    ['/bad-date', { 'last-modified': 'yesterday' }],
  ] as const) {
    source.put(path, { bytes, headers });
    for (let i = 0; i < 2; i++) {
      const { status, headers: got, body } = await get(node, source, path);
      assert.deepEqual([status, got['x-cache']], [200, 'MISS'], path);
      assertBytes(body, bytes);
    }
    const part = await get(node, source, path, { headers: { range: 'bytes=10-19' } });
    assert.equal(part.status, 206);
    assert.equal(part.headers['content-range'], 'bytes 10-19/1000');
    assertBytes(part.body, bytes.subarray(10, 20));
    assert.equal(source.asked.at(-1)!.headers.range, 'bytes=10-19');
  }
  assert.equal((await get(node, source, '/cookie')).headers['set-cookie'], 'a=b');
  assert.equal(node.stats().Objects, 0);
  assert.ok(node.stats().PassedRequests > 20);
});

test('an answer of unknown length is passed through', async (t) => {
  const { source, node } = await sourceAndNode(t);
  source.put('/stream', {
    bytes: Buffer.alloc(0),
    instead(_request, response) {
      response.writeHead(200, { etag: '"1"' });
      response.write('one ');
      response.end('two');
      return true;
    },
  });
  const { status, body } = await get(node, source, '/stream');
  assert.deepEqual([status, body.toString()], [200, 'one two']);
  assert.equal(node.stats().Objects, 0);
});

test('a personal request is passed through with its credentials, and only to its source', async (t) => {
  const other = await TestSource.start();
  t.after(() => other[Symbol.asyncDispose]());
  const { source, node } = await sourceAndNode(t, { allow: ['127.0.0.1'] });
  other.put('/there', { bytes: Buffer.from('public') });
  source.put('/mine', {
    bytes: Buffer.alloc(0),
    instead({ headers }, response) {
      const ok = headers.authorization === 'Basic abc';
      response.writeHead(ok ? 200 : 401, { etag: '"1"', 'content-length': 4 }).end('mine');
      return true;
    },
  });
  source.put('/away', {
    bytes: Buffer.alloc(0),
    instead: (_request, response) =>
      Boolean(response.writeHead(302, { location: `http://${other.host}/there` }).end()),
  });
  const headers = { authorization: 'Basic abc', cookie: 'a=b' };
  assert.equal((await get(node, source, '/mine', { headers })).status, 200);
  assert.equal((await get(node, source, '/mine')).status, 401);
  assert.equal(source.asked[0]!.headers.cookie, undefined);
  assert.equal((await get(node, source, '/away', { headers })).body.toString(), 'public');
  assert.equal(other.asked[0]!.headers.authorization, undefined);
  assert.equal(node.stats().Objects, 0);
});

test('a kept answer that varies is given only to requests like the one it answers', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const headers = { etag: '"1"', vary: 'Accept-Encoding, Accept-Language' };
  source.put('/v', { bytes: Buffer.from('x'), headers });
  await get(node, source, '/v');
  const same = await get(node, source, '/v', { headers: { 'accept-encoding': 'br' } });
  assert.equal(same.headers['x-cache'], 'HIT');
  assert.equal(source.asked.length, 1);
  await get(node, source, '/v', { headers: { 'accept-language': 'de' } });
  assert.equal(source.asked.length, 2);
  assert.equal(source.asked[1]!.headers['accept-language'], 'de');
});

test('follows redirects to listed hosts, and passes on those to others', async (t) => {
  const other = await TestSource.start();
  t.after(() => other[Symbol.asyncDispose]());
  const { source } = await sourceAndNode(t);
  const { node } = await startNode(t, { allow: [source.host, other.host] });
  const redirect = (path: string, location: string, status = 302) =>
    source.put(path, {
      bytes: Buffer.alloc(0),
      instead: (_request, response) =>
        Boolean(response.writeHead(status, { location }).end('gone')),
    });
  const bytes = randomBytesOf(3 * MiB);
  other.put('/real', { bytes });
  redirect('/moved', `http://${other.host}/real?x=1`);
  redirect('/relative', 'moved', 308);
  assertBytes((await get(node, source, '/relative')).body, bytes);
  assert.deepEqual(
    [source.asked.map(({ url }) => url), other.asked.map(({ url }) => url)],
    [['/relative', '/moved'], ['/real?x=1']],
  );
  assert.equal((await get(node, source, '/relative')).headers['x-cache'], 'HIT');
  redirect('/out', 'http://elsewhere.example/x');
  const out = await get(node, source, '/out');
  assert.deepEqual([out.status, out.headers.location], [302, 'http://elsewhere.example/x']);
  redirect('/evil', `http://user:pass@${other.host}/real`);
  assert.equal((await get(node, source, '/evil')).status, 302);
  redirect('/loop', '/loop');
  const loop = await get(node, source, '/loop');
  assert.equal(loop.status, 502);
  assert.match(loop.body.toString(), /more than 10 redirects/);
});

test('a client that is slow or leaves is felt by the source of a passed answer', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(64 * MiB);
  source.put('/big', { bytes, headers: {} });
  const url = `${node.url}/big?cacheHostOrigin=${source.host}`;
  const { body } = await request(url);
  await take(body, MiB);
  const before = node.stats().SourceBytes;
  assert.ok(before < 50 * MiB, `${before} bytes read ahead`);
  body.on('error', () => {});
  body.destroy();
  await until(() => node.stats().ActiveAnswers === 0);
});

test('a source that breaks off while its answer is passed cuts the answer', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(MiB);
  source.put('/big', { bytes, headers: {}, heldAt: 100_000 });
  const { body } = await request(`${node.url}/big?cacheHostOrigin=${source.host}`);
  await take(body, 100_000);
  source.cut();
  await assert.rejects(take(body, bytes.length - 100_000));
});
