import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { delay } from '../clock/delay.ts';
import { CountingClock } from '../testing/counting-clock.test-kit.ts';
import { assertDelivered, bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';
import { slowCloud } from '../testing/slow-cloud.test-kit.ts';
import { cloudTimeoutMs } from './ask-cloud.ts';

const bytes = bytesOf(6 * mib + 3);

/** A line of 12 MiB a second that all share; the cloud, held back until now, answers when it is late by the clock. */
function thinLine(source: MisbehavingSource, clock: CountingClock, answer: () => void) {
  let sentBefore = 0;
  source.limit = 0;
  const timer = setInterval(() => {
    source.limit = source.bytesSent + mib / 16;
    if (clock.now() > 1.5 * cloudTimeoutMs) answer();
    else sentBefore = source.bytesSent;
  }, 5);
  return {
    /** Bytes sent before the cloud answered. */
    sentBefore: () => sentBefore,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

suite('a cloud that answers late', () => {
  test('is waited for while bytes come: a crowd makes it slow', async () => {
    const { cloud, held, release } = await slowCloud(/contentpolicy/);
    await using _ = cloud;
    await using source = await MisbehavingSource.start(bytes);
    cloud.publish(source.url(), phfOf(bytes));
    const clock = new CountingClock(4);
    await using device = await Device.create(clock);
    const agent = await device.agent({ cloudUrl: cloud.url });
    source.limit = 4 * mib;
    const download = await agent.download({ Url: source.url(), Output: device.path('out') });
    await Promise.all([held, source.limitReached]);
    await delay(clock, 3 * cloudTimeoutMs);
    assert.match(download.status().DownloadModeReason, /the cloud has not answered yet/);
    release();
    source.limit = Number.POSITIVE_INFINITY;
    const status = await download.finished;
    await assertDelivered(device, status, bytes);
    assert.deepEqual([status.DownloadMode, status.Verified], ['Lan', true]);
  });

  test('makes no crowd fetch a copy each', async () => {
    const { cloud, release } = await slowCloud(/contentpolicy/);
    await using _ = cloud;
    const content = bytesOf(32 * mib);
    await using source = await MisbehavingSource.start(content);
    cloud.publish(source.url(), phfOf(content));
    const clock = new CountingClock(4);
    using __ = thinLine(source, clock, release);
    await using devices = new AsyncDisposableStack();
    const fetchOne = async () => {
      const device = devices.use(await Device.create(clock));
      const status = await device.get({ Url: source.url() }, { cloudUrl: cloud.url });
      await assertDelivered(device, status, content);
      assert.equal(status.Verified, true);
      return status.BytesFromLanPeers;
    };
    const fromPeers = await Promise.all([fetchOne(), fetchOne(), fetchOne()]);
    assert.ok(Math.min(...fromPeers) > 8 * mib, `${fromPeers}`);
    assert.ok(source.bytesSent < 2 * content.length, `${source.bytesSent}`);
  });

  test('does not stop what is soon through', async () => {
    const { cloud, release } = await slowCloud(/contentpolicy/);
    await using _ = cloud;
    await using source = await MisbehavingSource.start(bytes);
    cloud.publish(source.url(), phfOf(bytes));
    const sentAtJoin = Promise.withResolvers<number>();
    const { intercept } = cloud;
    cloud.intercept = (asked, response) => {
      if (/join/.test(asked)) sentAtJoin.resolve(source.bytesSent);
      return intercept(asked, response);
    };
    const clock = new CountingClock(20);
    await using device = await Device.create(clock);
    const agent = await device.agent({ cloudUrl: cloud.url });
    using line = thinLine(source, clock, release);
    const download = await agent.download({ Url: source.url(), Output: device.path('out') });
    const status = await download.finished;
    await assertDelivered(device, status, bytes);
    assert.equal(status.Verified, true);
    assert.ok(line.sentBefore() < bytes.length / 2);
    assert.ok((await sentAtJoin.promise) >= bytes.length);
  });

  test('has two that want the same fetch it once', async () => {
    const { cloud, release } = await slowCloud(/contentpolicy/);
    await using _ = cloud;
    await using source = await MisbehavingSource.start(bytes);
    cloud.publish(source.url(), phfOf(bytes));
    const clock = new CountingClock(20);
    await using device = await Device.create(clock);
    const agent = await device.agent({ cloudUrl: cloud.url });
    using __ = thinLine(source, clock, release);
    const get = (name: string) => agent.download({ Url: source.url(), Output: device.path(name) });
    const downloads = [await get('one'), await get('two')];
    for (const { finished } of downloads) {
      const { State, Verified } = await finished;
      assert.deepEqual([State, Verified], ['Finalized', true]);
    }
    assert.ok(source.bytesSent < 1.7 * bytes.length, `${source.bytesSent}`);
  });
});
