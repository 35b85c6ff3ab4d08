import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { suite, test } from 'node:test';
import type { DownloadStatus } from '@sluice/protocol';
import type { Agent } from '../agent.ts';
import { bytesOf, Device, mib } from '../testing/device.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';
import { localApiAddress } from './address.ts';
import { connectLocalApi, type LocalApiClient } from './client.ts';
import { type LocalApi, serveLocalApi } from './server.ts';

const bytes = bytesOf(3 * mib);

interface World extends AsyncDisposable {
  source: MisbehavingSource;
  device: Device;
  agent: Agent;
  api: LocalApi;
  client: LocalApiClient;
}

async function world(): Promise<World> {
  const stack = new AsyncDisposableStack();
  const source = stack.use(await MisbehavingSource.start(bytes));
  const device = stack.use(await Device.create());
  const agent = stack.use(await device.agent());
  const dataDir = device.path('data');
  const api = stack.use(await serveLocalApi(agent, { dataDir }));
  const client = await connectLocalApi(dataDir);
  assert.ok(client);
  stack.use(client);
  return { source, device, agent, api, client, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Sends bytes to the socket as they are. @returns the status line and all that follows. */
async function raw(api: LocalApi, text: string): Promise<string> {
  const socket = connect(api.address);
  socket.end(text);
  let answer = '';
  socket.setEncoding('latin1').on('data', (data) => {
    answer += data;
  });
  await once(socket, 'close');
  return answer;
}

async function all(statuses: AsyncIterable<DownloadStatus>): Promise<DownloadStatus[]> {
  const got: DownloadStatus[] = [];
  for await (const status of statuses) got.push(status);
  return got;
}

suite('the agent’s API over its socket', () => {
  test('starts a download, follows it to its end, lists and forgets it', async () => {
    await using w = await world();
    w.source.limit = mib;
    const Output = w.device.path('out');
    const { Id } = await w.client.download({ Url: w.source.url(), Output });
    const followed = all(w.client.follow(Id));
    await w.source.limitReached;
    // While one is followed, other questions are answered.
    const [listed] = (await w.client.status()).Downloads;
    assert.deepEqual([listed?.Id, listed?.State], [Id, 'Transferring']);
    w.source.limit = Number.POSITIVE_INFINITY;
    const statuses = await followed;
    assert.equal(statuses.at(-1)?.State, 'Finalized');
    assert.ok(statuses.length >= 2);
    assert.ok((await w.device.read()).equals(bytes));
    assert.equal((await all(w.client.follow(Id))).length, 1);
    await w.client.abort(Id);
    assert.deepEqual((await w.client.status()).Downloads, []);
    await assert.rejects(w.client.abort(Id), { code: 'ServiceRefused', message: /no download/ });
    await assert.rejects(all(w.client.follow(Id)), { code: 'ServiceRefused' });
  });

  test('an abort ends the download for its follower, too', async () => {
    await using w = await world();
    w.source.limit = mib;
    const Output = w.device.path('out');
    const { Id } = await w.client.download({ Url: w.source.url(), Output });
    const followed = all(w.client.follow(Id));
    await w.source.limitReached;
    await w.client.abort(Id);
    const last = (await followed).at(-1);
    assert.deepEqual([last?.State, last?.Error?.Code], ['Aborted', 'Cancelled']);
  });

  test('tells why, of a running and of an ended download', async () => {
    await using w = await world();
    w.source.limit = mib;
    const Output = w.device.path('out');
    const { Id } = await w.client.download({ Url: w.source.url(), Output });
    await w.source.limitReached;
    const running = await w.client.why(Id);
    assert.deepEqual([running.Id, running.State], [Id, 'Transferring']);
    assert.ok(running.RuledOut.some((r) => r.Rule === 'Cloud'));
    w.source.limit = Number.POSITIVE_INFINITY;
    await all(w.client.follow(Id));
    const ended = await w.client.why(Id);
    // Nothing is lost or changed on the way.
    assert.deepEqual(ended, w.agent.find(Id)?.why());
    assert.equal(
      ended.Bytes.reduce((n, b) => n + b.Bytes, 0),
      bytes.length,
    );
    await assert.rejects(w.client.why('nope'), { code: 'ServiceRefused', message: /no download/ });
  });

  test('who follows may stop at any time', async () => {
    await using w = await world();
    w.source.limit = mib;
    const Output = w.device.path('out');
    const { Id } = await w.client.download({ Url: w.source.url(), Output });
    for await (const status of w.client.follow(Id)) {
      assert.equal(status.Id, Id);
      break;
    }
    const stop = new AbortController();
    const followed = all(w.client.follow(Id, stop.signal));
    await w.source.limitReached;
    stop.abort(new Error('enough'));
    await assert.rejects(followed, /enough|abort/i);
    assert.equal((await w.client.status()).Downloads.length, 1);
  });

  test('an agent that ends under its callers is named, with the remedy', async () => {
    await using w = await world();
    w.source.limit = mib;
    const Output = w.device.path('out');
    const { Id } = await w.client.download({ Url: w.source.url(), Output });
    const followed = all(w.client.follow(Id));
    await w.source.limitReached;
    const lost = assert.rejects(followed, { code: 'AgentLost', message: /does not answer/ });
    await w.api.close();
    await lost;
    await assert.rejects(w.client.status(), { code: 'AgentLost' });
    assert.equal(await connectLocalApi(w.device.path('data')), undefined);
  });

  test('an agent that closes tells its followers first', async () => {
    await using w = await world();
    w.source.limit = mib;
    const Output = w.device.path('out');
    const { Id } = await w.client.download({ Url: w.source.url(), Output });
    const followed = all(w.client.follow(Id));
    await w.source.limitReached;
    await w.agent.close();
    assert.equal((await followed).at(-1)?.State, 'Aborted');
    const late = w.client.download({ Url: w.source.url(), Output });
    await assert.rejects(late, { code: 'ServiceRefused', message: /503/ });
  });
});

suite('requests that are not as they should be', () => {
  const valid = { Url: 'http://127.0.0.1:1/f', Output: '/tmp/x' };
  const wrong: Record<string, unknown> = {
    nothing: {},
    'no object': 'text',
    'a URL of another scheme': { ...valid, Url: 'file:///etc/passwd' },
    'a URL that is none': { ...valid, Url: 'http://[' },
    'a relative path': { ...valid, Output: 'x' },
    'an unknown field': { ...valid, Evil: 1 },
    'a number as text': { ...valid, Mode: '1' },
    'a mode there is not': { ...valid, Mode: 100 },
    'a hash that is none': { ...valid, Sha256: 'x' },
    'a content id that is too long': { ...valid, ContentId: 'x'.repeat(257) },
    'a content id with a line end': { ...valid, ContentId: 'a\nb' },
    'a prototype': JSON.parse('{"Url":"http://x/","Output":"/x","__proto__":{"Mode":1}}'),
  };

  test('are refused by the API, each with what is wrong', async () => {
    await using w = await world();
    for (const [name, request] of Object.entries(wrong)) {
      await assert.rejects(
        w.client.download(request as never),
        { code: 'ServiceRefused', message: /refused: 400 ./ },
        name,
      );
    }
    assert.deepEqual(w.agent.downloads(), []);
  });

  test('HTTP of all kinds gets an answer of its class, and the agent lives on', async () => {
    await using w = await world();
    const post = (body: string, type = 'application/json') =>
      `POST /v1/downloads HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const get = (path: string, method = 'GET') =>
      `${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
    const cases: [request: string, answer: RegExp][] = [
      [get('/'), /^HTTP\/1.1 404 [\s\S]*NoSuchResource/],
      [get('/v1/downloads/nope'), /^HTTP\/1.1 404 [\s\S]*DownloadUnknown/],
      [get('/v1/downloads/%00%ff/events'), /^HTTP\/1.1 4\d\d /],
      [get('/v1/status', 'DELETE'), /^HTTP\/1.1 404 /],
      [get('/v1/status/../../etc/passwd'), /^HTTP\/1.1 404 /],
      [get(`/${'x'.repeat(20_000)}`), /^HTTP\/1.1 4\d\d /],
      [post('{'), /^HTTP\/1.1 400 [\s\S]*InvalidArgument/],
      [post(''), /^HTTP\/1.1 400 /],
      [post('a=1', 'text/plain'), /^HTTP\/1.1 4(15|00) /],
      [post(JSON.stringify({ Url: 'x'.repeat(140_000) })), /^HTTP\/1.1 413 /],
      ['\x16\x03\x01garbage\r\n\r\n', /^HTTP\/1.1 400 /],
    ];
    for (const [request, answer] of cases) {
      assert.match(await raw(w.api, request), answer, request.slice(0, 60));
    }
    assert.equal((await w.client.status()).PeerId, w.agent.peerId);
  });
});

suite('the socket', () => {
  test('is for this user only, and goes with the agent', async () => {
    const address = await (async () => {
      await using w = await world();
      assert.equal((await stat(w.api.address)).mode & 0o777, 0o600);
      return w.api.address;
    })();
    assert.equal(existsSync(address), false);
  });

  test('left by a killed agent is replaced', async () => {
    await using device = await Device.create();
    const dataDir = device.path('data');
    await mkdir(dataDir);
    const address = localApiAddress(dataDir);
    const { spawnSync } = await import('node:child_process');
    const script = `require('node:net').createServer().listen(${JSON.stringify(address)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', script]);
    assert.ok(existsSync(address), 'a stale socket');
    assert.equal(await connectLocalApi(dataDir), undefined);
    const agent = await device.agent();
    await using api = await serveLocalApi(agent, { dataDir });
    await using client = await connectLocalApi(dataDir);
    assert.equal((await client?.status())?.PeerId, agent.peerId);
    assert.equal(api.address, address);
  });

  test('of another agent is left alone', async () => {
    await using w = await world();
    const dataDir = w.device.path('data');
    await assert.rejects(serveLocalApi(w.agent, { dataDir }), { code: 'AgentRunning' });
    assert.ok(await w.client.status());
  });

  test('is never made over a file of the user’s', async () => {
    await using device = await Device.create();
    const agent = await device.agent();
    const dataDir = device.path('data');
    await writeFile(localApiAddress(dataDir), 'mine');
    await assert.rejects(serveLocalApi(agent, { dataDir }), { code: 'ListenFailed' });
    assert.equal(await connectLocalApi(dataDir), undefined);
    assert.ok((await stat(localApiAddress(dataDir))).isFile());
  });

  test('where this user may not look is none', async () => {
    await using device = await Device.create();
    // Not EACCES, which root never gets.
    await symlink('loop', device.path('loop'));
    assert.equal(await connectLocalApi(device.path('loop')), undefined);
  });

  test('in a folder with a long name is elsewhere', async () => {
    const long = `/tmp/${'x'.repeat(120)}`;
    assert.match(localApiAddress(long, 'linux'), /^\/tmp\/sluice-[0-9a-f]{16}\.sock$/);
    assert.notEqual(localApiAddress(long, 'linux'), localApiAddress(`${long}y`, 'linux'));
    assert.match(localApiAddress('C:\\x', 'win32'), /^\\\\\.\\pipe\\sluice-[0-9a-f]{16}$/);
    await using device = await Device.create();
    const dataDir = device.path('x'.repeat(120));
    const agent = await device.agent({ dataDir });
    await using api = await serveLocalApi(agent, { dataDir });
    await using client = await connectLocalApi(dataDir);
    assert.equal((await client?.status())?.PeerId, agent.peerId);
    assert.match(api.address, /^\/tmp\/sluice-/);
  });

  test('where something else listens is no agent', async () => {
    await using device = await Device.create();
    await mkdir(device.path('data'));
    const answers = ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}', 'SSH-2.0\r\n\r\n', ''];
    for (const answer of answers) {
      const server = createServer((socket) =>
        socket
          .on('error', () => {})
          .resume()
          .end(answer),
      );
      server.listen(localApiAddress(device.path('data')));
      await once(server, 'listening');
      assert.equal(await connectLocalApi(device.path('data')), undefined);
      server.close();
      await once(server, 'close');
    }
  });
});
