import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AllowedSources, Clock, DownloadRequest } from '@sluice/protocol';
import { CountingClock } from '../testing/counting-clock.test-kit.ts';
import {
  assertDelivered,
  assertFailed,
  bytesOf,
  Device,
  mib,
  phfOf,
} from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';

const bytes = bytesOf(3 * mib + 9);
const { hashOfHashes: HashOfHashes } = phfOf(bytes);
const Reason = 'recalled';

/** A cloud that knows the file, its source, and a device. */
async function world() {
  const stack = new AsyncDisposableStack();
  const source = stack.use(await MisbehavingSource.start(bytes));
  const cloud = stack.use(await FakeCloud.start());
  const ContentId = cloud.publish(source.url(), phfOf(bytes));
  const one = stack.use(await Device.create());
  const request = { Url: source.url(), Mode: 1 } satisfies Partial<DownloadRequest>;
  return {
    ...{ source, cloud, ContentId, one, request, cloudUrl: cloud.url },
    agentOf: (device: Device) =>
      device.agent({ cloudUrl: cloud.url, persistent: true, clock: hurried(device.clock) }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Minutes pass in a moment; what takes seconds does not. */
function hurried(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    setTimer: (ms, fn) => clock.setTimer(ms >= 10_000 ? ms / 200 : ms, fn),
  };
}

suite('what the cloud blocks', () => {
  test('is shared no more, and deleted, when it is there', async () => {
    await using w = await world();
    w.cloud.blocked = [];
    const agent = await w.agentOf(w.one);
    const download = await agent.download({ ...w.request, Output: w.one.path('out') });
    await assertDelivered(w.one, await download.finished, bytes);
    const { admin } = await agent.cache();
    await admin.setPinned(HashOfHashes, true);
    w.cloud.blocked = [{ ContentId: w.ContentId, Then: 'Fail', Reason }];
    while ((await admin.list()).length > 0) await w.cloud.nextRequest();
    assert.equal(w.cloud.leaves.length, 1);
    // What was delivered is the caller's.
    assert.ok((await w.one.read()).equals(bytes));
  });

  test('ends a download that is under way', async () => {
    await using w = await world();
    w.cloud.blocked = [];
    w.source.misbehave = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length }).write('x');
      return 'answered';
    };
    const agent = await w.agentOf(w.one);
    const download = await agent.download({ ...w.request, Output: w.one.path('out') });
    w.cloud.blocked = [{ UrlPrefix: w.source.origin, Then: 'Fail', Reason }];
    await assertFailed(w.one, await download.finished, 'ContentBlocked');
  });

  test('fails at once, or comes from its source only, as the content policy says', async () => {
    await using w = await world();
    let Code = 'ContentBlocked';
    w.cloud.intercept = (path, response) => {
      if (!path.startsWith('/content/')) return false;
      response.writeHead(403).end(JSON.stringify({ Code, Message: `no: ${Reason}`, Remedy: '' }));
      return true;
    };
    const { cloudUrl, request, one } = w;
    await assertFailed(one, await one.get(request, { cloudUrl }), 'ContentBlocked');
    Code = 'ContentHttpOnly';
    const options = { cloudUrl, cacheHosts: ['127.0.0.1:1'] };
    const status = await one.get({ ...request, HashOfHashes }, options);
    await assertDelivered(one, status, bytes);
    assert.deepEqual([status.BytesFromHttp, w.cloud.joins.length], [bytes.length, 0]);
    assert.equal(status.CacheHost, null);
  });

  test('a rule may rule out peers, the cache, or HTTP', async () => {
    await using w = await world();
    await using two = await Device.create();
    const { cloudUrl, request, one, cloud } = w;
    const allow = (some: Partial<AllowedSources>) => {
      cloud.allow = { Http: true, P2P: true, Cache: true, ...some };
    };
    allow({ P2P: false });
    const alone = await one.get(request, { cloudUrl });
    await assertDelivered(one, alone, bytes);
    assert.deepEqual([alone.DownloadMode, cloud.joins.length], ['CdnOnly', 0]);
    await one.remove();
    allow({ Cache: false });
    const holder = await one.agent({ cloudUrl, cacheHosts: ['127.0.0.1:1'] });
    const first = await holder.download({ ...request, Output: one.path('out') });
    assert.equal((await first.finished).CacheHost, null);
    allow({ Http: false });
    const status = await two.get(request, { cloudUrl });
    await assertDelivered(two, status, bytes);
    assert.ok(status.BytesFromLanPeers > 2 * mib, `${status.BytesFromLanPeers}`);
    await holder.close();
  });

  test('what may not come by HTTP, and nobody has, fails after a minute', async () => {
    await using w = await world();
    await using device = await Device.create(new CountingClock(40));
    w.cloud.allow = { Http: false, P2P: true, Cache: true };
    for (const cacheHosts of [[], ['127.0.0.1:1']]) {
      const options = { cloudUrl: w.cloudUrl, cacheHosts };
      const began = device.clock.now();
      await assertFailed(device, await device.get(w.request, options), 'OnlyHttpLeft');
      assert.ok(device.clock.now() - began >= 60_000);
    }
  });
});
