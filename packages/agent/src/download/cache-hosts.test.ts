import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatPiecesHashFile } from '@sluice/protocol';
import { blackHole, refusedHost } from '../testing/addresses.test-kit.ts';
import { CountingClock } from '../testing/counting-clock.test-kit.ts';
import { assertDelivered, bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';

const bytes = bytesOf(6 * mib + 9);
const phf = phfOf(bytes);
const { hashOfHashes: HashOfHashes } = phf;

/** A source and a cache node that has the same object, each beside its PHF. */
async function world(clock = new CountingClock()) {
  const stack = new AsyncDisposableStack();
  const source = stack.use(await MisbehavingSource.start(bytes));
  const cache = stack.use(await MisbehavingSource.start(bytes));
  for (const server of [source, cache]) {
    server.objects.set('/file.phf', { content: Buffer.from(formatPiecesHashFile(phf)) });
  }
  const device = stack.use(await Device.create(clock));
  const cacheHost = new URL(cache.origin).host;
  return { source, cache, cacheHost, device, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const kinds = [
  { kind: 'simple mode', hash: {} },
  { kind: 'verified', hash: { HashOfHashes } },
];

for (const { kind, hash } of kinds) {
  suite(`the cache host, ${kind}`, () => {
    test('brings bytes, which are counted as its', async () => {
      await using w = await world();
      const status = await w.device.get(
        { Url: w.source.url(), ...hash },
        { cacheHosts: [w.cacheHost] },
      );
      await assertDelivered(w.device, status, bytes);
      assert.ok(status.BytesFromCacheServer > 0);
      assert.equal(status.BytesFromHttp, bytes.length);
      assert.equal(status.CacheHost, w.cacheHost);
      assert.ok(w.cache.requests.every(({ path }) => path.includes('cacheHostOrigin=127.0.0.1')));
    });

    test('down, failing, refusing: the download goes on without it, and says so', async () => {
      const wrongs = [503, 502, 404, 403];
      for (const code of wrongs) {
        await using w = await world();
        w.cache.misbehave = (_, response) => {
          response.writeHead(code).end();
          return 'answered';
        };
        const status = await w.device.get({
          Url: w.source.url(),
          ...hash,
          CacheHosts: [w.cacheHost],
        });
        await assertDelivered(w.device, status, bytes);
        assert.equal(status.BytesFromCacheServer, 0);
        assert.ok(status.DownloadDuration < 5_000, `${code}: ${status.DownloadDuration} ms`);
      }
      await using w = await world();
      const CacheHosts = [await refusedHost()];
      const status = await w.device.get({ Url: w.source.url(), ...hash, CacheHosts });
      await assertDelivered(w.device, status, bytes);
      assert.equal(status.BytesFromCacheServer, 0);
    });

    test('stalling: the download does not wait for it', async () => {
      await using hole = await blackHole();
      await using w = await world(new CountingClock(5));
      const request = { Url: w.source.url(), ...hash, CacheHosts: [hole.host], Foreground: true };
      const status = await w.device.get(request);
      await assertDelivered(w.device, status, bytes);
      assert.equal(status.BytesFromCacheServer, 0);
      assert.ok(status.DownloadDuration < 15_000, `${status.DownloadDuration} ms`);
    });

    test('stops in the middle: the source brings the rest', async () => {
      await using w = await world();
      const agent = await w.device.agent({ cacheHosts: [w.cacheHost] });
      // The source is so slow that the cache host is asked for nearly all.
      w.source.limit = 0;
      w.cache.limit = 2 * mib;
      const Output = w.device.path('out');
      const download = await agent.download({ Url: w.source.url(), Output, ...hash });
      await w.cache.limitReached;
      w.cache.misbehave = (request) => {
        request.socket.destroy();
        return 'answered';
      };
      w.cache.dropConnections();
      w.source.limit = Number.POSITIVE_INFINITY;
      await assertDelivered(w.device, await download.finished, bytes);
    });

    test('dead, and the source is dead, too: the source is named', async () => {
      await using device = await Device.create();
      const status = await device.get(
        { Url: `http://${await refusedHost()}/f`, ...hash },
        { cacheHosts: [await refusedHost()] },
      );
      assert.equal(status.Error?.Code, 'SourceRefused');
      assert.doesNotMatch(status.Error.Message, /cacheHostOrigin/);
      assert.ok(status.DownloadDuration < 8_000, `${status.DownloadDuration} ms`);
    });

    test('can be the only one that is reached', async () => {
      await using w = await world();
      const Url = `http://${await refusedHost()}/file`;
      const status = await w.device.get({ Url, ...hash }, { cacheHosts: [w.cacheHost] });
      await assertDelivered(w.device, status, bytes);
      assert.equal(status.BytesFromCacheServer, bytes.length);
      assert.equal(status.Verified, kind === 'verified');
    });
  });
}

suite('which cache host', () => {
  test('the next one when the first is given up', async () => {
    await using w = await world();
    w.source.objects.clear();
    const cacheHosts = [await refusedHost(), w.cacheHost];
    const status = await w.device.get({ Url: w.source.url(), HashOfHashes }, { cacheHosts });
    await assertDelivered(w.device, status, bytes);
    assert.equal(status.CacheHost, w.cacheHost);
    assert.equal(status.BytesFromCacheServer, bytes.length);
  });

  test('the one that the cloud names, unless the device has its own', async () => {
    await using w = await world();
    await using cloud = await FakeCloud.start();
    cloud.publish(w.source.url(), phf);
    cloud.cacheHost = `${w.cacheHost}, not a host`;
    const named = await w.device.get({ Url: w.source.url() }, { cloudUrl: cloud.url });
    await assertDelivered(w.device, named, bytes);
    assert.equal(named.CacheHost, w.cacheHost);
    assert.match(named.Notes.join('\n'), /not used: cache host "not a host"/);
    const dataDir = w.device.path('data-2');
    const own = { cloudUrl: cloud.url, cacheHosts: [await refusedHost()], dataDir };
    const status = await w.device.get({ Url: w.source.url() }, own);
    await assertDelivered(w.device, status, bytes);
    assert.equal(status.BytesFromCacheServer, 0);
  });

  test('one with another version of the object is not used without a PHF', async () => {
    await using w = await world();
    w.cache.objects.set('/file', { content: bytesOf(6 * mib + 9, 'old'), etag: '"0"' });
    const status = await w.device.get({ Url: w.source.url(), CacheHosts: [w.cacheHost] });
    await assertDelivered(w.device, status, bytes);
    assert.equal(status.BytesFromCacheServer, 0);
    assert.match(status.Notes.join('\n'), /another version/);
  });

  test('one with wrong bytes is given up with a PHF', async () => {
    await using w = await world();
    w.cache.object.content = bytesOf(6 * mib + 9, 'wrong');
    const request = { Url: w.source.url(), CacheHosts: [w.cacheHost], HashOfHashes };
    const status = await w.device.get(request);
    await assertDelivered(w.device, status, bytes);
    assert.deepEqual([status.Verified, status.BytesFromCacheServer], [true, 0]);
    assert.ok(status.BadPieces > 0);
  });
});
