import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import fc from 'fast-check';
import { startCloud } from '../cloud.test-support.ts';
import { JoinAnswer } from '../registry/join-answer.ts';
import type { SwarmRegistry } from '../registry/swarm-registry.ts';

const joinText = (more: object = {}) =>
  request('POST', '/array/join/', {
    ...{ ContentId: 'c', PeerId: '1'.padStart(40, '0'), Left: '1' },
    ...more,
  });
const leave = request('POST', '/array/leave/', { ContentId: 'c', PeerId: '2'.padStart(40, '0') });
const health = request('GET', '/health');

function request(method: string, path: string, body?: object, more = ''): string {
  const sent = body ? JSON.stringify(body) : '';
  const about = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(sent)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nHost: h\r\n${body ? about : ''}${more}\r\n${sent}`;
}

/** A connection, and what comes back by it. */
class Caller {
  readonly socket: Socket;
  #received = '';

  constructor(t: TestContext, url: string) {
    this.socket = connect(Number(new URL(url).port), '127.0.0.1').setNoDelay(true);
    this.socket
      .on('error', () => {})
      .on('data', (data) => (this.#received += data.toString('latin1')));
    t.after(() => this.socket.destroy());
  }

  /** The next `count` answers. */
  async answers(count: number): Promise<{ status: string; isOfFront: boolean; body: string }[]> {
    const found = [];
    while (found.length < count) {
      const whole = /^(HTTP.*?\r\n\r\n)/s.exec(this.#received)?.[1];
      const length = Number(/content-length: (\d+)/i.exec(whole ?? '')?.[1]);
      if (whole === undefined || this.#received.length < whole.length + length) {
        await once(this.socket, 'data');
        continue;
      }
      const body = this.#received.slice(whole.length, whole.length + length);
      this.#received = this.#received.slice(whole.length + length);
      // Node writes it with a capital.
      found.push({ status: whole.slice(9, 12), isOfFront: whole.includes('\r\ndate: '), body });
    }
    assert.equal(this.#received, '');
    return found;
  }

  async ask(asked: string) {
    this.socket.write(asked);
    return (await this.answers(1))[0]!;
  }
}

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

/** Answers when it is told to. */
class SlowRegistry implements SwarmRegistry {
  readonly waiting: ((answer: JoinAnswer) => void)[] = [];
  #asked = () => {};

  join(): Promise<JoinAnswer> {
    this.#asked();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  asked(): Promise<void> {
    return new Promise((resolve) => (this.#asked = resolve));
  }

  answer(peers = ''): void {
    this.waiting.shift()!(new JoinAnswer(peers, 5_000));
  }

  leave = async () => false;
  stats = async () => ({ swarms: 0, peers: 0 });
}

test('what comes while a join waits for its store is answered behind it', async (t) => {
  const registry = new SlowRegistry();
  const caller = new Caller(t, (await startCloud(t, { registry })).cloud.url);
  let asked = registry.asked();
  caller.socket.write(joinText());
  await asked;
  caller.socket.write(joinText());
  caller.socket.write(request('GET', '/nothing'));
  asked = registry.asked();
  registry.answer();
  await asked;
  registry.answer();
  const answers = await caller.answers(3);
  assert.deepEqual(
    answers.map(({ body }) => body.includes('Peers')),
    [true, true, false],
  );
});

test('who does not read its answers is asked no more of', async (t) => {
  const registry = new SlowRegistry();
  const { cloud, ask } = await startCloud(t, { registry });
  const caller = new Caller(t, cloud.url);
  caller.socket.pause();
  let asked = registry.asked();
  caller.socket.write(joinText());
  await asked;
  // More than sockets hold.
  registry.answer(' '.repeat(16e6));
  asked = registry.asked();
  caller.socket.write(joinText());
  await ask('/health');
  assert.equal(registry.waiting.length, 0);
  caller.socket.resume();
  await asked;
  registry.answer();
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

test('a cloud that closes waits for a store no longer than for others', async (t) => {
  const registry = new SlowRegistry();
  const { cloud, clock } = await startCloud(t, { registry });
  const caller = new Caller(t, cloud.url);
  const asked = registry.asked();
  caller.socket.write(joinText());
  await asked;
  const closed = cloud.close();
  clock.advance(5_000);
  await Promise.all([closed, once(caller.socket, 'close')]);
});

test('a cloud that closes answers who waits, and ends connections on which nothing is asked', async (t) => {
  const registry = new SlowRegistry();
  const { cloud } = await startCloud(t, { registry });
  const callers = ['fresh', 'used', 'idle'].map(() => new Caller(t, cloud.url));
  const [fresh, used] = callers as [Caller, Caller, Caller];
  await Promise.all(callers.map(({ socket }) => once(socket, 'connect')));
  await used.ask(health);
  for (const caller of [fresh, used]) {
    const asked = registry.asked();
    caller.socket.write(joinText());
    await asked;
  }
  const ended = Promise.all(callers.map((one) => once(one.socket, 'close')));
  const closed = cloud.close();
  registry.answer();
  registry.answer();
  for (const caller of [fresh, used]) {
    assert.equal((await caller.answers(1))[0]?.status, '200');
  }
  await Promise.all([closed, ended]);
});
