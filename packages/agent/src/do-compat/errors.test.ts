import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { suite, test } from 'node:test';
import { sluiceError } from '@sluice/protocol';
import { doWorld, started, statusWhen } from './testing/do-world.test-kit.ts';

const hasNoNetwork = { hasNetwork: () => false };

suite('what goes wrong with a download (do-client-contract.md §5)', () => {
  for (const [status, code] of Object.entries({
    400: 0x80190190,
    401: 0x80190191,
    403: 0x80190193,
    404: 0x80190194,
    405: 0x80190190,
    406: 0x80190196,
    407: 0x80190197,
    408: 0x80190198,
    410: 0x80190194,
    413: 0x8019019d,
    416: 0x80190001,
    429: 0x80190001,
  })) {
    test(`status ${status} pauses it for good, until it is started again`, async () => {
      await using w = await doWorld({ hasNetwork: () => true });
      w.source.misbehave = (_request, response) => {
        response.writeHead(Number(status)).end('an error page');
        return 'answered';
      };
      const Id = await started(w.client, w.source.url(), w.device.path('out'));
      const paused = await statusWhen(w.client, Id, (s) => s.Status === 'Paused');
      assert.equal(paused.ErrorCode, String(code | 0));
      assert.equal(paused.ExtendedErrorCode, '0');
      assert.equal((await w.device.read()).length, 0, 'error pages are never written');
      w.source.misbehave = () => undefined;
      await w.client.ok('POST', 'start', { Id });
      await statusWhen(w.client, Id, (s) => s.Status === 'Transferred');
    });
  }

  for (const [status, code] of Object.entries({ 503: 0x801901f4, 505: 0x801901f5 })) {
    test(`status ${status} is tried again, and shown meanwhile`, async () => {
      await using w = await doWorld({ hasNetwork: () => true });
      let isDown = true;
      w.source.misbehave = (_request, response) => {
        if (!isDown) return undefined;
        response.writeHead(Number(status)).end();
        return 'answered';
      };
      const Id = await started(w.client, w.source.url(), w.device.path('out'));
      const failing = await statusWhen(w.client, Id, (s) => s.ErrorCode !== '0');
      assert.deepEqual([failing.Status, failing.ErrorCode], ['Transferring', String(code | 0)]);
      isDown = false;
      const over = await statusWhen(w.client, Id, (s) => s.Status === 'Transferred');
      assert.equal(over.ErrorCode, '0');
    });
  }

  for (const [what, code, head] of [
    ['to nowhere', 0x80190003, {}],
    ['out of HTTP', 0xc0d00001, { location: 'ftp://127.0.0.1/f' }],
  ] as const) {
    test(`a redirect ${what} is tried again, and shown meanwhile`, async () => {
      await using w = await doWorld({ hasNetwork: () => true });
      w.source.misbehave = (_request, response) => {
        response.writeHead(302, head).end();
        return 'answered';
      };
      const Id = await started(w.client, w.source.url(), w.device.path('out'));
      const failing = await statusWhen(w.client, Id, (s) => s.ErrorCode !== '0');
      assert.deepEqual([failing.Status, failing.ErrorCode], ['Transferring', String(code | 0)]);
    });
  }

  test('a content that is encoded pauses it for good', async () => {
    await using w = await doWorld({ hasNetwork: () => true });
    w.source.misbehave = () => ({ encoding: 'gzip' });
    const Id = await started(w.client, w.source.url(), w.device.path('out'));
    const paused = await statusWhen(w.client, Id, (s) => s.Status === 'Paused');
    assert.equal(paused.ErrorCode, String(0x80004005 | 0));
  });

  test('a full disk pauses it for good, as a write that came short', async () => {
    await using w = await doWorld({ hasNetwork: () => true });
    w.agent.download = async () => {
      throw sluiceError('DiskFull', { path: 'out', detail: 'no room' });
    };
    const Id = await started(w.client, w.source.url(), w.device.path('out'));
    const paused = await statusWhen(w.client, Id, (s) => s.Status === 'Paused');
    assert.equal(paused.ErrorCode, String(0x80070018 | 0));
  });

  test('a path that names a folder is refused at the start', async () => {
    await using w = await doWorld();
    for (const end of ['new/', 'new/.', 'new/..', '']) {
      const DownloadFilePath = w.device.path(end).replace(/([^/.])$/, '$1/');
      const Uri = w.source.url();
      const { Id = '' } = await w.client.ok('POST', 'create', { Uri, DownloadFilePath });
      const refused = await w.client.fails('POST', 'start', { Id });
      assert.deepEqual(refused, [400, 'BadRequest', 0xc0d00015 | 0], DownloadFilePath);
    }
  });

  test('a port that is none pauses it as an invalid URL', async () => {
    await using w = await doWorld({ hasNetwork: () => true });
    for (const url of ['http://h:99999/f', 'http://h:1:2/f']) {
      const Id = await started(w.client, url, w.device.path(`out${url.length}`));
      const paused = await statusWhen(w.client, Id, (s) => s.Status === 'Paused');
      assert.equal(paused.ErrorCode, String(0x800c0002 | 0));
    }
  });

  test('refused connections are tried again, without a network they wait for one', async () => {
    await using w = await doWorld({ hasNetwork: () => true });
    await using away = await doWorld(hasNoNetwork);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/f`;
    server.close();
    await once(server, 'close');
    const Id = await started(w.client, url, w.device.path('out'));
    const failing = await statusWhen(w.client, Id, (s) => s.ErrorCode !== '0');
    assert.deepEqual([failing.Status, failing.ErrorCode], ['Transferring', String(0x80072efd | 0)]);
    const other = await started(away.client, url, away.device.path('out'));
    const waiting = await statusWhen(away.client, other, (s) => s.Status === 'Paused');
    const codes = [waiting.ErrorCode, waiting.ExtendedErrorCode];
    assert.deepEqual(codes, ['0', String(0x80d03805 | 0)]);
    await w.client.ok('POST', 'abort', { Id });
    await away.client.ok('POST', 'abort', { Id: other });
  });

  test('without a network, what needs none goes well', async () => {
    await using w = await doWorld(hasNoNetwork);
    const Id = await started(w.client, w.source.url(), w.device.path('out'));
    await statusWhen(w.client, Id, (s) => s.Status === 'Transferred');
  });

  test('a server that never answers holds up nobody, not even its own client', async () => {
    await using w = await doWorld({ hasNetwork: () => true });
    const accepted: Socket[] = [];
    const silent = createServer((socket) => accepted.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    try {
      const ids: string[] = [];
      for (let i = 0; i < 8; i++) {
        ids.push(await started(w.client, `https://127.0.0.1:${port}/f`, w.device.path(`out${i}`)));
      }
      const startedAt = w.device.clock.now();
      for (const Id of ids) await w.client.ok('POST', 'pause', { Id });
      for (const Id of ids) await w.client.ok('POST', 'abort', { Id });
      assert.ok(w.device.clock.now() - startedAt < 1_000);
    } finally {
      for (const socket of accepted) socket.destroy();
      silent.close();
    }
  });

  test('a server that tells no length, or no ranges, is no trouble', async () => {
    await using w = await doWorld();
    for (const manners of [{ chunked: true }, { noRanges: true }]) {
      w.source.misbehave = () => manners;
      const name = Object.keys(manners)[0]!;
      const Id = await started(w.client, w.source.url(), w.device.path(name));
      await statusWhen(w.client, Id, (s) => s.Status === 'Transferred');
      assert.ok((await w.device.read(name)).equals(w.source.object.content));
      await w.client.ok('POST', 'finalize', { Id });
    }
  });
});
