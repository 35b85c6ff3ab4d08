/** What one asker, or one wrong answer, must not be able to do to all others. */
import assert from 'node:assert/strict';
import type { LookupFunction } from 'node:net';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ManualClock } from '@sluice/protocol';
import { request } from 'undici';
import {
  assertBytes,
  filled,
  get,
  MiB,
  randomBytesOf,
  sourceAndNode,
  startNode,
} from './testing/harness.ts';
import { rawExchange, statusIn } from './testing/raw-client.ts';
import { TestSource } from './testing/test-source.ts';

const toLoopback: LookupFunction = (_name, options, callback) => {
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

test('all ways to write one object’s address are one key', async (t) => {
  const source = await TestSource.start();
  t.after(() => source[Symbol.asyncDispose]());
  source.put('/Path/%7Ea', { bytes: Buffer.from('one') });
  const port = source.host.split(':')[1];
  const host = `cdn.example.com:${port}`;
  const { node } = await startNode(t, { allow: [host], tuning: { lookup: toLoopback } });
  const end = 'Connection: close\r\n\r\n';
  for (const head of [
    `GET /Path/%7Ea?b=1 HTTP/1.1\r\nHost: ${host}\r\n`,
    `GET /Path/%7Ea?b=1 HTTP/1.1\r\nhOST:   CDN.Example.COM:${port}  \r\n`,
    `GET /Path/%7Ea?b=1 HTTP/1.1\r\nHost: cdn.example.com.:${port}\r\n`,
    `GET http://CDN.example.com:${port}/Path/%7Ea?b=1 HTTP/1.1\r\nHost: other.example\r\n`,
    `GET /Path/%7Ea?b=1&cacheHostOrigin=${host} HTTP/1.1\r\nHost: other.example\r\n`,
    `GET /Path/%7Ea?CACHEHOSTORIGIN=cdn.example.com%3A${port}&b=1 HTTP/1.1\r\nHost: other.example\r\n`,
  ]) {
    assert.match(await rawExchange(node.url, head + end), /one$/, head);
  }
  assert.deepEqual(
    source.asked.map(({ url, headers }) => [url, headers.host]),
    [['/Path/%7Ea?b=1', host]],
  );
});

test('what only looks alike is another object: no spelling gets another’s bytes', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const paths = [
    '/a',
    '/A',
    '/%61',
    '/a/',
    '//a',
    '/./a',
    '/a?',
    '/a?b',
    '/a?B',
    '/a?b=',
    '/a;b',
    '/a%3Fb',
    '/a%00',
  ];
  const answerOf = async (path: string) => {
    const answer = await rawExchange(
      node.url,
      `GET ${path} HTTP/1.1\r\nHost: ${source.host}\r\nConnection: close\r\n\r\n`,
    );
    return answer.split('\r\n\r\n')[1];
  };
  for (const path of paths) {
    source.put(path.split('?')[0]!, {
      bytes: Buffer.alloc(0),
      instead({ url }, response) {
        response.writeHead(200, { etag: `"${url}"`, 'content-length': url!.length }).end(url);
        return true;
      },
    });
  }
  for (const path of [...paths, ...paths]) assert.equal(await answerOf(path), path);
  assert.equal(source.asked.length, paths.length);
});

test('forms of an IPv6 address are one source, and reach nothing else', async (t) => {
  const source = await TestSource.start('::1').catch(() => undefined);
  if (!source) return t.skip('no IPv6 here');
  t.after(() => source[Symbol.asyncDispose]());
  source.put('/x', { bytes: Buffer.from('six') });
  const port = source.host.split(':').at(-1);
  const { node } = await startNode(t, { allow: [`[::1]:${port}`] });
  const end = 'Connection: close\r\n\r\n';
  for (const [host, status] of [
    ['[::1]', 200],
    ['[0:0:0:0:0:0:0:1]', 200],
    ['[0000::0001]', 200],
    ['[::0.0.0.1]', 200],
    ['[::ffff:127.0.0.1]', 403],
    ['[::1%25lo]', 400],
    ['[::1%lo]', 400],
    ['::1', 400],
    ['[::1', 400],
    ['[::1].', 400],
  ] as const) {
    const answer = await rawExchange(
      node.url,
      `GET /x HTTP/1.1\r\nHost: ${host}:${port}\r\n${end}`,
    );
    assert.equal(statusIn(answer), status, host);
  }
  assert.equal(source.asked.length, 1);
});

test('what the first asker sends besides does not reach the source: the answer is for all', async (t) => {
  const { source, node } = await sourceAndNode(t);
  source.put('/x', {
    bytes: Buffer.alloc(0),
    instead({ headers }, response) {
      const body = JSON.stringify(headers);
      response.writeHead(200, { etag: '"1"', 'content-length': body.length }).end(body);
      return true;
    },
  });
  const evil = Object.fromEntries(
    [
      ...['x-forwarded-host', 'x-forwarded-for', 'x-forwarded-proto', 'x-host', 'forwarded'],
      ...[
        'x-original-url',
        'x-rewrite-url',
        'x-http-method-override',
        'cookie',
        'origin',
        'referer',
      ],
      ...['user-agent', 'accept', 'accept-language', 'accept-encoding', 'via', 'dnt', 'from', 'te'],
      ...['x-cid', 'x-ccc', 'authority', 'true-client-ip', 'max-forwards', 'pragma'],
    ].map((name) => [name, 'evil.example']),
  );
  const first = await get(node, source, '/x', { headers: evil });
  assert.equal(first.status, 200);
  assert.doesNotMatch(first.body.toString(), /evil/);
  const sent = Object.keys(source.asked[0]!.headers).sort();
  assert.deepEqual(sent, [
    'accept',
    'accept-encoding',
    'connection',
    'host',
    'range',
    'user-agent',
    'via',
  ]);
  const next = await get(node, source, '/x');
  assert.deepEqual([next.headers['x-cache'], source.asked.length], ['HIT', 1]);
});

test('an answer for one caller is not given to others', async (t) => {
  const { source, node } = await sourceAndNode(t);
  source.put('/x', {
    bytes: Buffer.alloc(0),
    instead({ headers }, response) {
      const body = headers.authorization ?? 'nobody';
      response.writeHead(200, { etag: '"1"', 'content-length': body.length }).end(body);
      return true;
    },
  });
  const headers = { authorization: 'Basic alice' };
  assert.equal((await get(node, source, '/x', { headers })).body.toString(), 'Basic alice');
  assert.equal((await get(node, source, '/x')).body.toString(), 'nobody');
  assert.equal((await get(node, source, '/x', { headers })).body.toString(), 'Basic alice');
});

test('a page that came first with 200 goes as soon as the source is well', async (t) => {
  const { source, node } = await sourceAndNode(t, { clock: new ManualClock() });
  const bytes = randomBytesOf(3 * MiB);
  const login = { 'content-type': 'text/html; charset=utf-8' };
  for (const headers of [login, { ...login, etag: '"portal"' }] as Record<string, string>[]) {
    source.put('/x', { bytes: Buffer.from('<html>log in</html>'), headers });
    assert.match((await get(node, source, '/x')).body.toString(), /log in/);
    source.put('/x', { bytes });
    assertBytes((await get(node, source, '/x')).body, bytes);
    await filled(node);
    assertBytes((await get(node, source, '/x')).body, bytes);
    source.remove('/x');
    await get(node, source, '/x', { headers: { 'cache-control': 'no-cache' } });
  }
});

test('errors, and answers to other questions, are kept for nobody', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(2 * MiB);
  const wrong: [number, Record<string, string | number>][] = [
    [404, { etag: '"e"' }],
    [500, { etag: '"e"', 'cache-control': 'max-age=9999' }],
    [403, { etag: '"e"', 'cache-control': 'public, max-age=9999' }],
    [206, { etag: '"e"', 'content-range': 'bytes 5-8/9' }],
    [206, { etag: '"e"', 'content-range': 'bytes 0-3/nonsense' }],
    [304, { etag: '"e"' }],
  ];
  for (const [status, headers] of wrong) {
    source.put('/x', {
      bytes: Buffer.alloc(0),
      instead: (_, response) =>
        Boolean(response.writeHead(status, headers).end(status === 304 ? undefined : 'oops')),
    });
    assert.notEqual((await get(node, source, '/x')).status, 200, `${status}`);
    source.put('/x', { bytes });
    const { body } = await get(node, source, '/x');
    assertBytes(body, bytes);
    source.remove('/x');
    await filled(node);
    await get(node, source, '/x', { headers: { 'cache-control': 'no-cache' } });
  }
});

test('a bomb stays packed: what is encoded is passed on as it is', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bomb = gzipSync(Buffer.alloc(64 * MiB));
  source.put('/bomb', {
    bytes: bomb,
    ranges: false,
    headers: { etag: '"1"', 'content-encoding': 'gzip' },
  });
  const before = process.memoryUsage().rss;
  const { body, headers } = await request(`${node.url}/bomb?cacheHostOrigin=${source.host}`);
  assert.equal(headers['content-encoding'], 'gzip');
  assertBytes(Buffer.from(await body.arrayBuffer()), bomb);
  assert.ok(process.memoryUsage().rss - before < 48 * MiB);
  assert.equal(node.stats().Objects, 0);
});

test('floods of ranges cost no more than the object', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(2 * MiB);
  source.put('/x', { bytes });
  const lists = {
    overlapping: Array.from({ length: 60 }, (_, i) => `${i}-`),
    apart: Array.from({ length: 60 }, (_, i) => `${i * 1000}-${i * 1000}`),
    many: Array.from({ length: 1000 }, (_, i) => `${i * 2}-${i * 2}`),
    same: Array.from({ length: 60 }, () => '0-'),
    backwards: Array.from({ length: 60 }, (_, i) => `-${bytes.length - i}`),
  };
  for (const [what, list] of Object.entries(lists)) {
    const { status, body } = await get(node, source, '/x', {
      headers: { range: `bytes=${list.join(',')}` },
    });
    assert.ok(status === 200 || status === 206, what);
    assert.ok(body.length <= bytes.length + 4096, `${what}: ${body.length}`);
  }
  assert.equal(source.sent, bytes.length);
});

test('what is written in headers does not come back as headers', async (t) => {
  const { source, node } = await sourceAndNode(t);
  source.put('/x', { bytes: Buffer.from('x') });
  for (const path of ['/x%0d%0aSet-Cookie:%20a=b', '/x?%0d%0aSet-Cookie:%20a=b']) {
    const { headers } = await get(node, source, path);
    assert.equal(headers['set-cookie'], undefined);
  }
  const refused = await rawExchange(
    node.url,
    'GET /x HTTP/1.1\r\nHost: <script>alert(1)</script>\r\nConnection: close\r\n\r\n',
  );
  assert.equal(statusIn(refused), 400);
  assert.match(refused, /content-type: text\/plain/i);
});
