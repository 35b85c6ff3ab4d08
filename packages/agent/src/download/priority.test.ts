import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { blackHole } from '../testing/addresses.test-kit.ts';
import { CountingClock } from '../testing/counting-clock.test-kit.ts';
import { bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';
import { miserlyPeer } from '../testing/miserly-peer.test-kit.ts';
import type { Download } from './download.ts';

const bytes = bytesOf(3 * mib);
const phf = phfOf(bytes);
/** Longer than any test may take. */
const hour = 3_600;

/** A cloud and a source of the content, and a device. */
async function world() {
  const stack = new AsyncDisposableStack();
  const cloud = stack.use(await FakeCloud.start());
  const source = stack.use(await MisbehavingSource.start(bytes));
  cloud.publish(source.url(), phf);
  // Slow, so that a busy machine has the time to ask its cloud.
  const device = stack.use(await Device.create(new CountingClock(0.5)));
  const dispose = () => stack.disposeAsync();
  return { cloud, source, device, [Symbol.asyncDispose]: dispose };
}

/** Resolves when it is so; looked at whenever the download tells of itself. */
function until(download: Download, isIt: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (!isIt()) return;
      stop();
      resolve();
    };
    const stop = download.subscribe(look);
    download.finished.then((s) => reject(new Error(`it has ended: ${JSON.stringify(s)}`)));
  });
}

suite('a background download that is moved to the foreground', () => {
  test('goes to HTTP at once, though peers have an hour', async () => {
    await using w = await world();
    await using miser = await miserlyPeer(phf, bytes.length);
    w.cloud.peers = [miser.entry];
    const settings = { DODelayBackgroundDownloadFromHttp: hour };
    const agent = await w.device.agent({ cloudUrl: w.cloud.url, settings });
    await agent.prepare();
    const download = await agent.download({ Url: w.source.url(), Output: w.device.path('out') });
    await until(download, () => download.status().LanConnectionCount > 0);
    assert.equal(download.status().BytesFromHttp, 0);
    download.setForeground(true);
    const { State, Priority, BytesFromHttp } = await download.finished;
    assert.deepEqual([State, Priority, BytesFromHttp], ['Finalized', 'Foreground', bytes.length]);
  });

  for (const [kind, Mode] of [
    ['verified', undefined],
    ['simple mode', 99],
  ] as const) {
    test(`goes to HTTP at once, though cache hosts have an hour: ${kind}`, async () => {
      await using w = await world();
      await using hole = await blackHole();
      const settings = { DODelayCacheServerFallbackBackground: hour };
      const agent = await w.device.agent({ cloudUrl: w.cloud.url, settings });
      const download = await agent.download({
        Url: w.source.url(),
        Output: w.device.path('out'),
        CacheHosts: [hole.host],
        ...(Mode && { Mode }),
      });
      await until(download, () => download.progress.cacheHost !== undefined);
      download.setForeground(true);
      const { State, BytesFromHttp } = await download.finished;
      assert.deepEqual([State, BytesFromHttp], ['Finalized', bytes.length]);
    });
  }

  test('counts for the foreground, and is there after a restart, too', async () => {
    await using w = await world();
    w.source.limit = mib;
    const options = { persistent: true, cloudUrl: w.cloud.url };
    const first = await w.device.agent(options);
    const before = await first.download({ Url: w.source.url(), Output: w.device.path('out') });
    await w.source.limitReached;
    before.setForeground(true);
    const counts = await (await first.admin()).perfSnap();
    const { ForegroundDownloadCount, BackgroundDownloadCount } = counts;
    assert.deepEqual([ForegroundDownloadCount, BackgroundDownloadCount], [1, 0]);
    await first.close();
    w.source.limit = Number.POSITIVE_INFINITY;
    const second = await w.device.agent(options);
    const status = await second.find(before.id)!.finished;
    assert.deepEqual([status.State, status.Priority], ['Finalized', 'Foreground']);
    assert.ok((await readFile(w.device.path('out'))).equals(bytes));
  });
});

test('time and bytes are accounted to the side that they were on, and the array hears of it', async () => {
  await using w = await world();
  // Pieces are counted when they are whole.
  w.source.limit = bytes.length - 1;
  const agent = await w.device.agent({ cloudUrl: w.cloud.url });
  const download = await agent.download({ Url: w.source.url(), Output: w.device.path('out') });
  await w.source.limitReached;
  await until(download, () => download.status().TotalBytesDownloaded > 0);
  const month = async () => (await agent.admin()).monthSnap();
  assert.equal((await month()).DownloadFgRateKbps, 0);
  download.setForeground(true);
  w.source.limit = Number.POSITIVE_INFINITY;
  await download.finished;
  assert.ok((await month()).DownloadFgRateKbps > 0 && (await month()).DownloadBgRateKbps > 0);
  assert.equal(w.cloud.joins[0]?.IsBackground, '1');
  while (w.cloud.joins.at(-1)?.IsBackground !== '0') await w.cloud.nextRequest();
});
