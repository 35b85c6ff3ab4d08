import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { Callers } from './callers.ts';
import type { Logins } from './logins.ts';
import { maxBodyBytes } from './read-request.ts';
import { Router } from './router.ts';
import { closeServer } from './server-options.ts';

/** A router as a user meets it who is no administrator, unless `isAdmin`. */
async function world(isAdmin = false) {
  const logins = { callerOf: () => ({ name: 'uid 1', isAdmin }) } as Partial<Logins> as Logins;
  const callers = new Callers(logins);
  const router = new Router((route, request) => callers.assertMay(route, request));
  const ran: unknown[] = [];
  router.get('/v1/downloads/:id', ({ params }) => ran.push(params));
  router.get('/v1/cache', () => ran.push('cache'));
  router.get('/v1/jobs/:id', ({ params }) => params);
  const query = { type: 'object', properties: { a: { type: 'string' } } };
  const querystring = { ...query, additionalProperties: false };
  router.get('/v1/jobs', { schema: { querystring } }, (request) => request.query);
  router.post('/v1/jobs', ({ body }, reply) => {
    reply.code(201);
    return { body };
  });
  router.get('/v1/jobs/:id/broken', (_, reply) => {
    reply.raw.writeHead(200).write('x');
    reply.hijack();
    throw new Error('broken');
  });
  const server = createServer((request, response) => {
    callers.cameByShared(request);
    void router.serve(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const token = `Authorization: Bearer ${'0'.repeat(64)}`;
  /** Sends each request when the last is answered, over one connection. @returns statuses and all that came. */
  const send = async (...requests: string[]) => {
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    const closed = new Promise((resolve) => socket.once('close', resolve).on('error', () => {}));
    for (const request of requests) {
      socket.write(request.replace('\r\n', `\r\nHost: a\r\n${token}\r\n`), 'latin1');
      await Promise.race([once(socket, 'data'), closed]);
    }
    socket.end();
    await closed;
    return { statuses: [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, s]) => Number(s)), text };
  };
  const breakOff = async (half: string) => {
    const arrived = once(server, 'request');
    const socket = connect(port, '127.0.0.1', () => socket.write(half));
    const [request] = await arrived;
    const closed = new Promise((resolve) => request.once('close', resolve));
    socket.destroy();
    await closed;
  };
  return { ran, send, breakOff, [Symbol.asyncDispose]: () => closeServer(server) };
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\n\r\n`;
const post = (body: string, type = 'application/json') =>
  `POST /v1/jobs HTTP/1.1\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** A letter as it is, or as one of its escapes. */
const spelt = (letter: string) => {
  const hex = letter.charCodeAt(0).toString(16);
  return fc.oneof(
    { arbitrary: fc.constantFrom(letter, `%${hex}`, `%${hex.toUpperCase()}`), weight: 50 },
    { arbitrary: fc.constant(`%25${hex}`), weight: 1 },
  );
};
const path = (text: string) => fc.tuple(...[...text].map(spelt)).map((p) => p.join(''));
const trick = fc.constantFrom(
  '',
  '',
  '',
  '',
  '/',
  '//',
  '/.',
  '/..',
  '\\',
  '%2f',
  '%5c',
  '%00',
  ';a',
  '.',
);
const tricky = fc
  .tuple(
    fc.constantFrom(
      '',
      '',
      '',
      '/',
      '/v1/jobs/..',
      '/v1/jobs/%2e%2e',
      '/v1/status/../..',
      'http://a',
    ),
    fc.constantFrom('/v1/downloads/x', '/v1/cache', '/v1/downloads/v1/jobs').chain(path),
    trick,
    fc.constantFrom('', '?', '?/v1/jobs', '#/v1/jobs'),
  )
  .map(([before, at, after, end]) => `${before}/${at.replace(/^(\/|%2f)/i, '')}${after}${end}`);

suite('what only an administrator may ask', () => {
  test('is refused to others, however the path is spelt', async () => {
    await using w = await world();
    await fc.assert(
      fc.asyncProperty(tricky, async (spelling) => {
        const { statuses } = await w.send(get(spelling));
        // Nothing, a job that there is not, or not theirs.
        assert.ok([200, 400, 401, 404].includes(statuses[0]!), `${statuses[0]}`);
        assert.deepEqual(w.ran, []);
      }),
      { numRuns: 300 },
    );
    const known = ['/v1/downloads/x', '/v1/%64ownloads/x', '/v1/cache', '/v1/cach%65?a'];
    for (const path of known) assert.deepEqual((await w.send(get(path))).statuses, [401], path);
    const unknown = ['//v1/cache', '/v1//cache', '/v1/x/../cache', '/v1/cache/', '/v1%2fcache'];
    for (const path of unknown) assert.deepEqual((await w.send(get(path))).statuses, [404], path);
    assert.deepEqual((await w.send(get('/v1/cache/%ff'))).statuses, [400]);
  });

  test('an administrator asks it', async () => {
    await using w = await world(true);
    await w.send(get('/v1/%64ownloads/a%2Fb%25?x=/v1'), get('/v1/cache'));
    assert.deepEqual(w.ran, [{ id: 'a/b%' }, 'cache']);
  });
});

suite('what is sent to it', () => {
  test('a body is JSON of limited size; none is told apart from an empty one', async () => {
    await using w = await world();
    const most = JSON.stringify('x'.repeat(maxBodyBytes - 2));
    const chunked = (size: number) =>
      `POST /v1/jobs HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n${' '.repeat(size - 1)}1\r\n`;
    const cases: [request: string, status: number][] = [
      [post('{"a":1}', 'application/json; charset=utf-8'), 201],
      ['POST /v1/jobs HTTP/1.1\r\nContent-Length: 0\r\n\r\n', 201],
      [post(''), 400],
      [post('{'), 400],
      [post('1', 'text/plain'), 415],
      [post('1', 'application/jsonx'), 415],
      [post('{"a":{"__proto__":{"x":1}}}'), 400],
      [post('{"constructor":{"prototype":1}}'), 400],
      [post('{"constructor":1}'), 201],
      [post(`${'['.repeat(60_000)}${']'.repeat(60_000)}`), 400],
      [post(most), 201],
      [post(`${most} `), 413],
      [`${chunked(maxBodyBytes)}0\r\n\r\n`, 201],
      // Its end never comes.
      [chunked(maxBodyBytes + 1), 413],
    ];
    for (const [request, status] of cases) {
      assert.deepEqual((await w.send(request)).statuses, [status], request.slice(0, 150));
    }
  });

  test('the query is checked as it is', async () => {
    await using w = await world();
    const { text } = await w.send(get('/v1/jobs?a=b%20c+d?e'));
    assert.match(text, /\{"a":"b c d\?e"\}/);
    const repeated = await w.send(get('/v1/jobs?a=1&a=2'));
    assert.match(repeated.text, /^HTTP\/1.1 400 [\s\S]*query\/a must be string/);
    const unknown = await w.send(get('/v1/jobs?b=1'));
    assert.match(unknown.text, /^HTTP\/1.1 400 [\s\S]*query must not have additional/);
  });

  test('a connection outlives refusals; a caller that breaks off hurts no other', async () => {
    await using w = await world();
    const refused = [get('/none'), get('/v1/cache'), post('{'), get('/v1/jobs/a')];
    assert.deepEqual((await w.send(...refused)).statuses, [404, 401, 400, 200]);
    assert.deepEqual((await w.send(get('/v1/jobs/a/broken'))).statuses, [200]);
    await w.breakOff('POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{');
    assert.deepEqual((await w.send(get('/v1/jobs/b'))).statuses, [200]);
  });
});
