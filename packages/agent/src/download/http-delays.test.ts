import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import type { DownloadStatus } from '@sluice/protocol';
import type { AgentOptions } from '../agent-options.ts';
import { blackHole, refusedHost } from '../testing/addresses.test-kit.ts';
import { CountingClock } from '../testing/counting-clock.test-kit.ts';
import { bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';
import { miserlyPeer } from '../testing/miserly-peer.test-kit.ts';

const bytes = bytesOf(4 * mib + 9);
const phf = phfOf(bytes);

/** A cloud, a source and a cache node of the content, and devices by name. @param speed of the clock. */
async function world(speed = 1) {
  const stack = new AsyncDisposableStack();
  const cloud = stack.use(await FakeCloud.start());
  const source = stack.use(await MisbehavingSource.start(bytes));
  const cache = stack.use(await MisbehavingSource.start(bytes));
  cloud.publish(source.url(), phf);
  const place = stack.use(await Device.create(new CountingClock(speed)));
  const begin = async (
    name: string,
    options: Partial<AgentOptions>,
    request: { Url?: string; Foreground?: boolean; Mode?: 99 } = {},
  ) => {
    const dataDir = place.path(`data-${name}`);
    const agent = await place.agent({ dataDir, cloudUrl: cloud.url, ...options });
    return agent.download({ Url: source.url(), Output: place.path(name), ...request });
  };
  const get = async (...args: Parameters<typeof begin>): Promise<DownloadStatus> => {
    const status = await (await begin(...args)).finished;
    assert.equal(status.State, 'Finalized', status.Error?.Message);
    assert.ok((await readFile(place.path(args[0]))).equals(bytes));
    return status;
  };
  return {
    cloud,
    source,
    cache,
    cacheHost: new URL(cache.origin).host,
    begin,
    get,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const peersDelay = { DODelayBackgroundDownloadFromHttp: 60 };

suite('HTTP delayed for the sake of peers', () => {
  test('a peer has it: nothing comes from HTTP or cache', async () => {
    await using w = await world();
    await w.get('seed', {});
    const { bytesSent } = w.source;
    const status = await w.get('b', { settings: peersDelay, cacheHosts: [w.cacheHost] });
    assert.equal(status.BytesFromLanPeers, bytes.length);
    assert.deepEqual([w.source.bytesSent, w.cache.bytesSent], [bytesSent, 0]);
  });

  test('nobody is there: HTTP at once', async () => {
    await using w = await world();
    const status = await w.get('a', { settings: peersDelay });
    assert.ok(status.DownloadDuration < 5_000, `${status.DownloadDuration} ms`);
  });

  test('nobody who is named can be reached, or nobody can be named: HTTP soon', async () => {
    await using w = await world();
    const [Ip, Port] = (await refusedHost()).split(':') as [string, string];
    w.cloud.peers = [{ PeerId: 'f'.repeat(40), Ip, Port: Number(Port), Type: 'LAN', Left: 0 }];
    const lonely = await w.get('a', { settings: peersDelay });
    assert.ok(lonely.DownloadDuration < 5_000, `${lonely.DownloadDuration} ms`);
    w.cloud.intercept = (path, response) => {
      if (!path.startsWith('/array/join')) return false;
      response.writeHead(500).end();
      return true;
    };
    const unlisted = await w.get('b', { settings: peersDelay });
    assert.ok(unlisted.DownloadDuration < 5_000, `${unlisted.DownloadDuration} ms`);
  });

  test('a peer is there and brings nothing: HTTP after the delay', async () => {
    await using w = await world(40);
    await using miser = await miserlyPeer(phf, bytes.length);
    w.cloud.peers = [miser.entry];
    const status = await w.get('b', { settings: peersDelay });
    assert.ok(status.DownloadDuration >= 60_000, `${status.DownloadDuration} ms`);
    assert.ok(status.DownloadDuration < 120_000, `${status.DownloadDuration} ms`);
    assert.ok(status.BytesFromHttp > 0);
  });

  test('of devices that start together the first begins, and they share one copy', async () => {
    await using w = await world();
    const options = { settings: peersDelay };
    const all = await Promise.all(['a', 'b', 'c'].map((name) => w.get(name, options)));
    assert.ok(Math.max(...all.map((s) => s.DownloadDuration)) < 15_000);
    const fromHttp = all.reduce((sum, s) => sum + s.BytesFromHttp, 0);
    assert.ok(fromHttp <= 1.3 * bytes.length, `${fromHttp / bytes.length} copies`);
  });

  test('downloads without peers are not delayed', async () => {
    await using w = await world();
    await w.get('seed', {});
    const simple = await w.get('b', { settings: peersDelay }, { Mode: 99 });
    assert.ok(simple.DownloadDuration < 5_000, `${simple.DownloadDuration} ms`);
    const settings = { ...peersDelay, DOMinRAMAllowedToPeer: 100 };
    const refused = await w.get('c', { settings });
    assert.equal(refused.BytesFromHttp, bytes.length);
    assert.ok(refused.DownloadDuration < 5_000, `${refused.DownloadDuration} ms`);
  });
});

for (const { kind, request } of [
  { kind: 'verified', request: {} },
  { kind: 'simple mode', request: { Mode: 99 as const } },
]) {
  suite(`HTTP delayed for the sake of cache hosts, ${kind}`, () => {
    const cacheDelay = (seconds: number) => ({ DODelayCacheServerFallbackBackground: seconds });

    test('a cache host works: HTTP is not asked at all', async () => {
      await using w = await world();
      const options = { settings: cacheDelay(60), cacheHosts: [w.cacheHost] };
      const status = await w.get('a', options, request);
      assert.equal(status.BytesFromCacheServer, bytes.length);
      assert.equal(w.source.fetches, 0);
    });

    test('no cache host: HTTP at once', async () => {
      await using w = await world();
      const status = await w.get('a', { settings: cacheDelay(60) }, request);
      assert.ok(status.DownloadDuration < 5_000, `${status.DownloadDuration} ms`);
    });

    test('the next of the hosts works: HTTP is not asked', async () => {
      await using w = await world();
      const cacheHosts = [await refusedHost(), w.cacheHost];
      const status = await w.get('a', { settings: cacheDelay(60), cacheHosts }, request);
      assert.equal(status.BytesFromCacheServer, bytes.length);
      assert.equal(w.source.fetches, 0);
    });

    test('none works: they are tried again and again, and then HTTP is', async () => {
      await using w = await world(20);
      w.cache.misbehave = (_, response) => {
        response.writeHead(404).end();
        return 'answered';
      };
      const options = { settings: cacheDelay(20), cacheHosts: [w.cacheHost, await refusedHost()] };
      const status = await w.get('a', options, request);
      assert.ok(status.DownloadDuration >= 20_000, `${status.DownloadDuration} ms`);
      assert.ok(status.DownloadDuration < 45_000, `${status.DownloadDuration} ms`);
      assert.equal(status.BytesFromCacheServer, 0);
      assert.ok(w.cache.requests.length >= 3, `${w.cache.requests.length} requests`);
      assert.ok(status.Notes.length <= 4, `${status.Notes}`);
    });

    test('a silent one: HTTP after the delay, too', async () => {
      await using hole = await blackHole();
      await using w = await world(20);
      const options = { settings: cacheDelay(20), cacheHosts: [hole.host] };
      const status = await w.get('a', options, request);
      assert.ok(status.DownloadDuration >= 20_000, `${status.DownloadDuration} ms`);
      assert.ok(status.DownloadDuration < 90_000, `${status.DownloadDuration} ms`);
    });

    test('one that fails for a while: HTTP is not asked', async () => {
      await using w = await world(20);
      w.cache.misbehave = (_, response, n) => {
        if (n > 4) return undefined;
        response.writeHead(503).end();
        return 'answered';
      };
      const options = { settings: cacheDelay(300), cacheHosts: [w.cacheHost] };
      const status = await w.get('a', options, request);
      assert.equal(status.BytesFromCacheServer, bytes.length);
      assert.equal(w.source.fetches, 0);
    });

    test('one that fails in the middle: HTTP brings the rest after the delay', async () => {
      await using w = await world(20);
      w.cache.limit = 1.5 * mib;
      const options = { settings: cacheDelay(20), cacheHosts: [w.cacheHost] };
      const download = await w.begin('a', options, request);
      await w.cache.limitReached;
      w.cache.misbehave = (_, response) => {
        response.writeHead(500).end();
        return 'answered';
      };
      w.cache.dropConnections();
      const status = await download.finished;
      assert.equal(status.State, 'Finalized', status.Error?.Message);
      assert.ok(status.DownloadDuration >= 20_000, `${status.DownloadDuration} ms`);
      assert.ok(status.BytesFromHttp > status.BytesFromCacheServer);
    });
  });
}

test('both delays: peers first, then the cache hosts, then HTTP', async () => {
  await using w = await world(40);
  await using miser = await miserlyPeer(phf, bytes.length);
  w.cloud.peers = [miser.entry];
  const settings = { ...peersDelay, DODelayCacheServerFallbackBackground: 30 };
  const status = await w.get('a', { settings, cacheHosts: [await refusedHost()] });
  assert.ok(status.DownloadDuration >= 90_000, `${status.DownloadDuration} ms`);
  assert.ok(status.DownloadDuration < 150_000, `${status.DownloadDuration} ms`);
});
