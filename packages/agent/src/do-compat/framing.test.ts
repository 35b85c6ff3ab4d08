import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { doWorld } from './testing/do-world.test-kit.ts';
import { failure } from './testing/sdk-client.test-kit.ts';

const server = 'Server: Delivery-Optimization-Agent/1.1.0\r\n';
const bare = `HTTP/1.1 400 BadRequest\r\n${server}\r\n`;
const notSet = [404, 'NotFound', -2147023728];
const unsupported = [400, 'BadRequest', -2147024846];
const invalid = [400, 'BadRequest', -2147024809];
const status = (target: string, head = '') => `GET ${target} HTTP/1.1\r\n${head}\r\n`;
const unknown = status('download/getstatus?Id=x');

suite('framing (do-client-contract.md §2)', () => {
  test('a reply is byte for byte what the clients read', async () => {
    await using w = await doWorld();
    const created = await w.client.raw('POST download/create HTTP/1.1\r\n\r\n');
    assert.match(created.body, /^\{"Id":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"\}\n$/);
    assert.equal(created.head, `HTTP/1.1 200 OK\r\nContent-Length: 46\r\n${server}\r\n`);
    const { Id } = JSON.parse(created.body);
    const paused = await w.client.raw(`POST download/pause?Id=${Id} HTTP/1.1\r\n\r\n`);
    assert.equal(
      paused.head + paused.body,
      `HTTP/1.1 200 OK\r\nContent-Length: 3\r\n${server}\r\n{}\n`,
    );
    const refused = await w.client.raw(unknown);
    assert.equal(
      refused.head + refused.body,
      `HTTP/1.1 404 NotFound\r\nContent-Length: 28\r\n${server}\r\n{ "ErrorCode": -2147023728 }`,
    );
  });

  test('a connection serves one call after another, whatever its headers say', async () => {
    await using w = await doWorld();
    for (let i = 0; i < 20; i++) {
      const head = 'Host: x\r\nConnection: close\r\nExpect: 100-continue\r\n';
      assert.deepEqual(
        failure(await w.client.raw(status('download/getstatus?Id=x', head))),
        notSet,
      );
    }
  });

  for (const [what, text] of Object.entries({
    'HTTP/1.0': 'GET download/getstatus?Id=x HTTP/1.0\r\n\r\n',
    'a sign that no target has': 'GET download/getstatus?Id=[x] HTTP/1.1\r\n\r\n',
    'a fragment': 'GET download/getstatus#x HTTP/1.1\r\n\r\n',
    'a semicolon': 'GET download/getstatus?Id=x;y HTTP/1.1\r\n\r\n',
    'bytes beyond ASCII': 'GET download/getstatus?Id=\u00e4 HTTP/1.1\r\n\r\n',
    'two spaces': 'GET  download/getstatus HTTP/1.1\r\n\r\n',
    'no request at all': 'hello\r\n\r\n',
    'a Content-Length that is none': 'GET download/getstatus HTTP/1.1\r\nContent-Length: x\r\n\r\n',
    'more than 2048 bytes of head': `GET download/getstatus?Id=${'x'.repeat(2048)} HTTP/1.1\r\n\r\n`,
    'more than 2048 bytes with the body': `POST download/create HTTP/1.1\r\nContent-Length: 2040\r\n\r\n${'x'.repeat(2040)}`,
  })) {
    test(`${what}: a bare 400, and the connection is closed`, async () => {
      await using w = await doWorld();
      const reply = await w.client.raw(text);
      assert.equal(reply.head + reply.body, bare);
      await w.client.closed();
    });
  }

  test('a web page is refused, whatever it asks', async () => {
    await using w = await doWorld();
    for (const head of ['Origin: http://evil.test\r\n', 'sec-fetch-mode: no-cors\r\n']) {
      const reply = await w.client.raw(`POST /download/create HTTP/1.1\r\n${head}\r\n`);
      assert.deepEqual(failure(reply), invalid);
    }
  });

  test('who holds a thousand connections keeps nobody out', async () => {
    await using w = await doWorld();
    const idle = Array.from({ length: 1_000 }, () =>
      connect(w.port, '127.0.0.1').on('error', () => {}),
    );
    try {
      await Promise.all(idle.map((socket) => once(socket, 'connect')));
      for (const socket of idle) socket.write('GET ');
      const late = await w.connect();
      assert.deepEqual(failure(await late.raw(unknown)), notSet);
    } finally {
      for (const socket of idle) socket.destroy();
    }
  });

  test('2048 bytes are taken', async () => {
    await using w = await doWorld();
    const text = status(`download/getstatus?Id=${'x'.repeat(2048 - unknown.length + 1)}`);
    assert.equal(text.length, 2048);
    assert.deepEqual(failure(await w.client.raw(text)), notSet);
  });

  test('a body is read to its length and ignored; the length counts in one spelling only', async () => {
    await using w = await doWorld();
    const head = 'GET download/getstatus?Id=x HTTP/1.1\r\n';
    w.client.send(`${head}Content-Length: 5\r\n\r\n12`);
    await (await w.connect()).raw(unknown);
    assert.ok(w.client.isSilent);
    assert.deepEqual(failure(await w.client.raw('345')), notSet);
    assert.deepEqual(failure(await w.client.raw(`${head}content-length: 5\r\n\r\n`)), notSet);
    w.client.send(`${head}X-Content-Length: 2\r\n\r\n`);
    await (await w.connect()).raw(unknown);
    assert.ok(w.client.isSilent, 'its name may stand anywhere in the line');
    assert.deepEqual(failure(await w.client.raw('12')), notSet);
  });

  test('a request in pieces is one; bare line feeds and too much body make none', async () => {
    await using w = await doWorld();
    for (const sign of unknown.slice(0, -1)) w.client.send(sign);
    await (await w.connect()).raw(unknown);
    assert.ok(w.client.isSilent);
    assert.deepEqual(failure(await w.client.raw('\n')), notSet);
    await using lineFeeds = await w.connect();
    lineFeeds.send('GET download/getstatus HTTP/1.1\n\n');
    await using tooMuch = await w.connect();
    tooMuch.send('POST download/create HTTP/1.1\r\nContent-Length: 1\r\n\r\nxyz');
    await w.client.raw(unknown);
    assert.ok(lineFeeds.isSilent && tooMuch.isSilent);
  });

  test('a second request in the same bytes is dropped', async () => {
    await using w = await doWorld();
    assert.deepEqual(failure(await w.client.raw(unknown + unknown)), notSet);
    await (await w.connect()).raw(unknown);
    assert.ok(w.client.isSilent);
    assert.deepEqual(failure(await w.client.raw(unknown)), notSet);
  });

  test('who resets its connection in the middle of a call takes nobody along', async () => {
    await using w = await doWorld();
    const other = await w.connect();
    other.send(unknown);
    other.reset();
    assert.deepEqual(failure(await w.client.raw(unknown)), notSet);
  });
});

suite('routing and query (do-client-contract.md §2)', () => {
  test('a method is found with and without slash, in any case, encoded, in absolute form', async () => {
    await using w = await doWorld();
    for (const target of [
      'download/getstatus?Id=x',
      '/download/getstatus?Id=x',
      '/Download/GetStatus?id=x',
      'download//getstatus/?ID=x',
      '%64ownload%2Fgetstatus?Id=x',
      'http://127.0.0.1:1/download/getstatus?Id=x',
    ]) {
      assert.deepEqual(failure(await w.client.raw(status(target))), notSet, target);
    }
  });

  test('any other place or verb is not supported', async () => {
    await using w = await doWorld();
    const get = (target: string) => w.client.raw(status(target));
    for (const target of [
      '/',
      'download',
      'getstatus',
      '//download/getstatus',
      'a/b',
      'download/getstatus/x',
      'download/start?Id=x',
    ]) {
      assert.deepEqual(failure(await get(target)), unsupported, target);
    }
    for (const verb of ['get', 'POST', 'PUT', 'HEAD']) {
      const reply = await w.client.raw(`${verb} download/getstatus?Id=x HTTP/1.1\r\n\r\n`);
      assert.deepEqual(failure(reply), unsupported, verb);
    }
  });

  test('names of the query', async () => {
    await using w = await doWorld();
    const code = async (query: string, method = 'getstatus') =>
      failure(await w.client.raw(status(`download/${method}?${query}`)));
    assert.deepEqual(await code('Id=x&Other=1'), invalid);
    assert.deepEqual(await code('Other=1', 'enumerate'), invalid);
    assert.deepEqual(await code('%49d=x'), invalid, 'names are not decoded');
    assert.deepEqual(await code('Id=x&nothing&&'), notSet, 'what has no value is no item');
    assert.deepEqual(await code('Id=x&Uri=irrelevant&PropertyKey='), notSet);
    assert.deepEqual(await code('Id=%zz'), [500, 'InternalError', -2147024322]);
    assert.deepEqual(await code(''), notSet);
  });

  test('of a name given twice the last one counts, of its spellings the last in their order', async () => {
    await using w = await doWorld();
    const { Id } = await w.client.ok('POST', 'create', { DownloadFilePath: '/a+b c' });
    const get = async (query: string) =>
      (await w.client.raw(status(`download/getstatus?${query}`))).status;
    assert.deepEqual([await get(`Id=x&Id=${Id}`), await get(`Id=${Id}&Id=x`)], [200, 404]);
    assert.deepEqual([await get(`id=${Id}&Id=x`), await get(`Id=${Id}&id=x`)], [200, 404]);
    const raw = status(`download/getproperty?Id=${Id}&PropertyKey=DownloadFilePath`);
    assert.equal((await w.client.raw(raw)).body, '{"DownloadFilePath":"\\/a+b c"}\n');
  });
});
