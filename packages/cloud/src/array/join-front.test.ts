import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import fc from 'fast-check';
import { startCloud } from '../cloud.test-support.ts';
import { Caller, health, joinText, request } from './caller.test-support.ts';

const leave = request('POST', '/array/leave/', { ContentId: 'c', PeerId: '2'.padStart(40, '0') });

test('a connection brings joins and other requests in any order, each to who answers it', async (t) => {
  const caller = new Caller(t, (await startCloud(t)).cloud.url);
  for (const [asked, status, isOfFront] of [
    [joinText(), '200', true],
    [joinText({ Port: '0' }), '400', true],
    [health, '200', false],
    [joinText(), '200', true],
    [leave, '200', false],
    [joinText({ Left: 1 }), '400', false],
    [joinText({ ContentId: 'ü' }), '200', false],
    [request('POST', '/array/join/', {}, 'Traceparent: 1\r\n'), '400', false],
    [request('GET', '/nothing'), '404', false],
    [joinText(), '200', true],
  ] as const) {
    const answer = await caller.ask(asked);
    assert.deepEqual([answer.status, answer.isOfFront], [status, isOfFront], asked);
  }
});

test('property: however requests are cut into parts, each is answered once and in order', async (t) => {
  const { cloud } = await startCloud(t, { requestsPerSecond: Number.POSITIVE_INFINITY });
  const kinds = [
    [joinText(), '200'],
    [joinText({ Left: 'x' }), '400'],
    [leave, '200'],
    [health, '200'],
    [request('GET', '/nothing'), '404'],
  ] as const;
  const cuts = fc.array(fc.nat(1_500), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...kinds), { minLength: 1 }),
      cuts,
      async (all, at) => {
        const caller = new Caller(t, cloud.url);
        await once(caller.socket, 'connect');
        const sent = all.map(([asked]) => asked).join('');
        const places = [0, ...at.toSorted((a, b) => a - b), sent.length];
        for (const [i, from] of places.slice(0, -1).entries()) {
          const part = sent.slice(from, places[i + 1]);
          if (part) await new Promise((resolve) => caller.socket.write(part, resolve));
        }
        const answers = await caller.answers(all.length);
        assert.deepEqual(
          answers.map(({ status }) => status),
          all.map(([, status]) => status),
        );
        caller.socket.destroy();
      },
    ),
    { numRuns: 50 },
  );
});

test('what is the body of another request is no join', async (t) => {
  const { cloud, ask } = await startCloud(t);
  // Answered before its body is there.
  const outer = request('POST', '/nothing', undefined, `Content-Length: ${joinText().length}\r\n`);
  const caller = new Caller(t, cloud.url);
  assert.equal((await caller.ask(outer)).status, '404');
  caller.socket.end(joinText());
  await once(caller.socket, 'close');
  // Its head came with another request, which was answered.
  const about = `Content-Type: application/json\r\nContent-Length: ${joinText().length}\r\n`;
  const behind = new Caller(t, cloud.url);
  assert.equal(
    (await behind.ask(health + request('POST', '/array/leave/', undefined, about))).status,
    '200',
  );
  assert.equal((await behind.ask(joinText())).status, '400');
  const chunked = new Caller(t, cloud.url);
  chunked.socket.write(
    request('POST', '/array/leave/', undefined, 'Transfer-Encoding: chunked\r\n'),
  );
  const [rest] = [text(chunked.socket), chunked.socket.end(joinText())];
  assert.match(await rest, /^HTTP\/1\.1 4\d\d /);
  assert.doesNotMatch((await ask('/metrics')).text, /array\/join\/",method="POST",status="2xx"/);
});

test('who ends its side, or wants no more, gets its answer, and the connection ends', async (t) => {
  const { cloud } = await startCloud(t);
  for (const asked of [joinText(), request('GET', '/nothing'), '']) {
    const caller = new Caller(t, cloud.url);
    caller.socket.end(asked);
    assert.equal(/^HTTP\/1\.1 \d+/.test(await text(caller.socket)), asked !== '');
  }
  const caller = new Caller(t, cloud.url);
  const closing = joinText().replace('Host: h', 'Host: h\r\nConnection: close');
  caller.socket.write(closing);
  assert.match(await text(caller.socket), /^HTTP\/1\.1 200 .*connection: close\r\n.*\}$/s);
});

test('joins by TLS', async (t) => {
  const { cloud } = await startCloud(t, { tls: { kind: 'own', names: [] } });
  const socket = connectTls({
    port: Number(new URL(cloud.url).port),
    rejectUnauthorized: false,
  });
  t.after(() => socket.destroy());
  for (let i = 0; i < 2; i++) {
    socket.write(joinText());
    assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 200 .*\r\ndate: /s);
  }
});

test('what came in front of nonsense is answered before it', async (t) => {
  const caller = new Caller(t, (await startCloud(t)).cloud.url);
  // What it has to ask a store for is known then.
  await caller.ask(joinText());
  caller.socket.write(`${joinText()}${request('GET', '/nothing')}nonsense\r\n\r\n`);
  const answers = await caller.answers(3);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['200', '404', '400'],
  );
});

test('what asks for another protocol ends that connection only', async (t) => {
  const { cloud, ask } = await startCloud(t);
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
  for (const asked of [
    request('GET', '/nothing', undefined, upgrade),
    'CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\x16\x03\x01\x02',
  ]) {
    const caller = new Caller(t, cloud.url);
    await caller.ask(health);
    const closed = once(caller.socket, 'close');
    caller.socket.write(asked);
    caller.socket.write(joinText());
    caller.socket.end(joinText());
    await closed;
  }
  assert.equal((await ask('/health')).status, 200);
});
