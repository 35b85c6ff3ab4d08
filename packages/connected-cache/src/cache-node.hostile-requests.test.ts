import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import type { LookupFunction } from 'node:net';
import { test } from 'node:test';
import { get, randomBytesOf, sourceAndNode, startNode, until } from './testing/harness.ts';
import { rawConnect, rawExchange, statusIn } from './testing/raw-client.ts';

const end = 'Connection: close\r\n\r\n';

test('no host but a listed one is asked, however it is written', async (t) => {
  const { source, node } = await sourceAndNode(t, { allow: ['*.example.com', 'cdn.example:81'] });
  source.put('/x', { bytes: Buffer.from('secret') });
  const port = source.host.split(':')[1];
  for (const [name, status] of [
    [source.host, 403],
    [`localhost:${port}`, 403],
    [`2130706433:${port}`, 400],
    [`0x7f000001:${port}`, 400],
    [`0177.0.0.1:${port}`, 400],
    [`127.1:${port}`, 400],
    [`127.0.0.1.:${port}`, 403],
    [`[::ffff:127.0.0.1]:${port}`, 403],
    [`[::1]:${port}`, 403],
    [`[fe80::1%25lo]:${port}`, 400],
    [`a.example.com@127.0.0.1:${port}`, 400],
    [`127.0.0.1:${port}@a.example.com`, 400],
    [`a.example.com/../127.0.0.1:${port}`, 400],
    ['a.example.com%2f..', 400],
    ['a.example.com#', 400],
    ['a.example.com%00', 400],
    ['a.example.com%0d%0aHost:%20x', 400],
    ['a.example.com:99999', 400],
    ['a.example.com:', 400],
    ['a..example.com', 400],
    ['example.com', 403],
    ['a.example.com.evil.test', 403],
    ['evilexample.com', 403],
    ['cdn.example', 403],
    ['%zz', 400],
    ['', 400],
  ] as const) {
    for (const head of [
      `GET /x?cacheHostOrigin=${name} HTTP/1.1\r\nHost: c\r\n`,
      ...(/[%]|^$/.test(name) ? [] : [`GET /x HTTP/1.1\r\nHost: ${name}\r\n`]),
      ...(/[%#/]|^$/.test(name) ? [] : [`GET http://${name}/x HTTP/1.1\r\nHost: c\r\n`]),
    ]) {
      const answer = await rawExchange(node.url, head + end);
      assert.equal(statusIn(answer), status, head);
      assert.match(answer, /^(?!.*secret).*\n.+\n$/s, 'it says why and what to do');
    }
  }
  assert.equal(source.asked.length, 0);
});

test('a name that turns out to be a private address is not asked unless it is listed itself', async (t) => {
  const lookups: string[] = [];
  const lookup: LookupFunction = (hostname, options, callback) => {
    lookups.push(hostname);
    const address = { address: '127.0.0.1', family: 4 };
    if (options.all) callback(null, [address]);
    else callback(null, address.address, 4);
  };
  const { source } = await sourceAndNode(t);
  source.put('/x', { bytes: Buffer.from('inside') });
  const port = source.host.split(':')[1];
  const { node } = await startNode(t, {
    allow: ['*.example.com', 'exact.example.com'],
    tuning: { lookup },
  });
  const refused = await get(node, { host: `rebound.example.com:${port}` }, '/x');
  assert.equal(refused.status, 403);
  assert.match(
    refused.body.toString(),
    /rebound\.example\.com is at 127\.0\.0\.1, which is not a public/,
  );
  assert.equal(source.asked.length, 0);
  const exact = await startNode(t, { allow: ['exact.example.com'], tuning: { lookup } });
  const allowed = await get(exact.node, { host: `exact.example.com:${port}` }, '/x');
  assert.equal(allowed.body.toString(), 'inside');
  assert.deepEqual(lookups, ['rebound.example.com', 'exact.example.com']);
});

test('odd paths are refused, and never reach the disk', async (t) => {
  const { source, node, cacheDir } = await sourceAndNode(t);
  for (const path of [
    '/../../etc/passwd',
    '/a/..',
    '/a/%2e%2e/b',
    '/a/.%2E/b',
    '/..%2f..%2fetc',
    '/..\\..\\x',
    '/a%',
    '/a%g0',
    '/a%0',
    '/caf\xe9',
    '/a#b',
    '*',
    'a',
    'https://x/y',
    'ftp://x/y',
    'javascript:alert(1)',
  ]) {
    const head = `GET ${path} HTTP/1.1\r\nHost: ${source.host}\r\n`;
    assert.equal(statusIn(await rawExchange(node.url, head + end)), 400, path);
  }
  assert.equal(source.asked.length, 0);
  assert.deepEqual((await readdir(cacheDir)).sort(), ['cache.json', 'data', 'index', 'lock']);
  source.put('/./debian/a%20b/', { bytes: Buffer.from('fine') });
  const fine = `GET /./debian/a%20b/?q=100% HTTP/1.1\r\nHost: ${source.host}\r\n`;
  assert.match(await rawExchange(node.url, fine + end), /fine$/);
  assert.equal(source.asked[0]!.url, '/./debian/a%20b/?q=100%');
});

test('requests that others might read differently are refused, and their connection ends', async (t) => {
  const { source, node } = await sourceAndNode(t);
  source.put('/x', { bytes: Buffer.from('x') });
  const host = `Host: ${source.host}\r\n`;
  const smuggled = `GET /x HTTP/1.1\r\n${host}\r\n`;
  for (const [what, text] of [
    ['a body', `GET /x HTTP/1.1\r\n${host}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`],
    ['chunks', `GET /x HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    [
      'both framings',
      `GET /x HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    [
      'two lengths',
      `GET /x HTTP/1.1\r\n${host}Content-Length: 0\r\nContent-Length: 5\r\n\r\n${smuggled}`,
    ],
    ['odd coding', `GET /x HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n${smuggled}`],
    ['two hosts', `GET /x HTTP/1.1\r\n${host}Host: other\r\n\r\n${smuggled}`],
    ['no host', `GET /x HTTP/1.1\r\n\r\n${smuggled}`],
    ['space before the colon', `GET /x HTTP/1.1\r\nHost : ${source.host}\r\n\r\n${smuggled}`],
    ['a folded line', `GET /x HTTP/1.1\r\n${host}X-A: 1\r\n b\r\n\r\n${smuggled}`],
    ['a bare CR', `GET /x HTTP/1.1\r\n${host}X-A: 1\rX-B: 2\r\n\r\n${smuggled}`],
    ['a NUL', `GET /x HTTP/1.1\r\n${host}X-A: \0\r\n\r\n${smuggled}`],
    ['no version', `GET /x\r\n${host}\r\n${smuggled}`],
    ['garbage', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(200, '\xff')],
    ['a giant header', `GET /x HTTP/1.1\r\n${host}X-A: ${'a'.repeat(100_000)}\r\n\r\n`],
    ['many headers', `GET /x HTTP/1.1\r\n${host}${'X-A: b\r\n'.repeat(10_000)}\r\n`],
    ['a giant path', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n${host}\r\n`],
    ['CONNECT', `CONNECT ${source.host} HTTP/1.1\r\n${host}\r\n${smuggled}`],
    ['POST', `POST /x HTTP/1.1\r\n${host}\r\n${smuggled}`],
    ['TRACE', `TRACE /x HTTP/1.1\r\n${host}\r\n${smuggled}`],
    ['DELETE', `DELETE /x HTTP/1.1\r\n${host}Content-Length: 0\r\n\r\n${smuggled}`],
  ] as const) {
    const answer = await rawExchange(node.url, text);
    assert.ok([0, 400, 405, 413, 414, 431].includes(statusIn(answer)), `${what}: ${answer}`);
    assert.equal(source.asked.length, 0, what);
    assert.equal(answer.match(/HTTP\/1\.1 /g)?.length ?? 0, answer === '' ? 0 : 1, what);
  }
  assert.equal(source.asked.length, 0);
});

test('a request that has been here before is refused', async (t) => {
  const { source, node } = await sourceAndNode(t, { allow: ['127.0.0.1'] });
  source.put('/x', { bytes: Buffer.from('x') });
  const { headers } = await get(node, source, '/x');
  const [, name] = /1\.1 (sluice-\w+)$/.exec(`${headers.via}`)!;
  const again = { headers: { via: `1.1 a, 1.1 ${name} (x), 1.0 b` } };
  assert.equal((await get(node, source, '/x', again)).status, 508);
  const other = { headers: { via: '1.1 sluice-elsewhere' } };
  assert.equal((await get(node, source, '/x', other)).status, 200);
  const itself = { host: node.url.slice('http://'.length) };
  const looped = await get(node, itself, '/y');
  assert.deepEqual([looped.status, /answered 508/.test(looped.body.toString())], [502, true]);
});

test('a client that pipelines gets its answers in order', async (t) => {
  const { source, node } = await sourceAndNode(t);
  for (const name of ['a', 'b', 'c']) source.put(`/${name}`, { bytes: Buffer.from(name) });
  const head = (name: string) => `GET /${name} HTTP/1.1\r\nHost: ${source.host}\r\n`;
  const answers = await rawExchange(
    node.url,
    `${head('c')}\r\n${head('nothing')}\r\n${head('a')}\r\n${head('b')}${end}`,
  );
  const bodies = answers.split(/HTTP\/1\.1 .*?\r\n\r\n/s);
  assert.deepEqual(bodies, ['', 'c', 'no such object', 'a', 'b']);
});

test('a client that floods one connection with requests is cut off', async (t) => {
  const { source, node } = await sourceAndNode(t);
  source.put('/x', { bytes: randomBytesOf(10), heldAt: 0 });
  const socket = rawConnect(node.url);
  socket.on('error', () => {});
  socket.write(`GET /x HTTP/1.1\r\nHost: ${source.host}\r\n\r\n`.repeat(200));
  await once(socket, 'close');
  await until(() => node.stats().ActiveAnswers === 0);
});
