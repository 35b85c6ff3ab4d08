import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { delay } from '../clock/delay.ts';
import { FakeHost } from '../host/fake-host.test-kit.ts';
import { blackHole } from '../testing/addresses.test-kit.ts';
import { CountingClock } from '../testing/counting-clock.test-kit.ts';
import { assertDelivered, bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';
import { slowCloud } from '../testing/slow-cloud.test-kit.ts';

const bytes = bytesOf(6 * mib + 3);

/** Slower, so that a busy machine is not taken for a cloud that never answers. */
const slowClock = () => new CountingClock(0.5);

suite('while the cloud keeps silent', () => {
  for (const pieceSize of [mib, 2 * mib]) {
    test(`bytes come, and are verified afterwards: pieces of ${pieceSize / mib} MiB`, async () => {
      const { cloud, release } = await slowCloud(/contentpolicy/);
      await using _ = cloud;
      await using source = await MisbehavingSource.start(bytes);
      cloud.publish(source.url(), phfOf(bytes, pieceSize));
      await using device = await Device.create(slowClock());
      const agent = await device.agent({ cloudUrl: cloud.url });
      source.limit = 4 * mib;
      const download = await agent.download({ Url: source.url(), Output: device.path('out') });
      await source.limitReached;
      release();
      source.limit = Number.POSITIVE_INFINITY;
      const status = await download.finished;
      await assertDelivered(device, status, bytes);
      assert.deepEqual([status.DownloadMode, status.Verified], ['Lan', true]);
      assert.equal(status.BytesFromHttp, bytes.length);
      assert.equal(status.ResumedBytes, 0);
    });
  }

  test('what came and is of another version does not get in', async () => {
    const { cloud, release } = await slowCloud(/contentpolicy/);
    await using _ = cloud;
    const wrong = Buffer.from(bytes);
    wrong.fill(7, 0, 3 * mib);
    await using source = await MisbehavingSource.start(wrong);
    cloud.publish(source.url(), phfOf(bytes));
    await using device = await Device.create(slowClock());
    const agent = await device.agent({ cloudUrl: cloud.url });
    source.limit = 5 * mib;
    const download = await agent.download({ Url: source.url(), Output: device.path('out') });
    await source.limitReached;
    source.objects.set('/file', { content: bytes, etag: '"2"' });
    release();
    source.limit = Number.POSITIVE_INFINITY;
    const status = await download.finished;
    await assertDelivered(device, status, bytes);
    assert.equal(status.Verified, true);
    assert.equal(status.BytesFromHttp, bytes.length);
    assert.ok(status.DuplicateBytes > 0);
  });

  test('nothing begins while no processor is idle: the cloud is as late as everything', async () => {
    const { cloud, held, release } = await slowCloud(/contentpolicy/);
    await using _ = cloud;
    await using source = await MisbehavingSource.start(bytes);
    cloud.publish(source.url(), phfOf(bytes));
    const clock = new CountingClock(2);
    await using device = await Device.create(clock);
    const hostProbe = new FakeHost();
    hostProbe.cpuTimes = () => ({ idle: 0, total: ++hostProbe.cpu.total });
    const agent = await device.agent({ cloudUrl: cloud.url, hostProbe });
    const download = await agent.download({ Url: source.url(), Output: device.path('out') });
    await held;
    await delay(clock, 1_000);
    assert.ok(source.bytesSent < mib, `${source.bytesSent} bytes`);
    release();
    const status = await download.finished;
    await assertDelivered(device, status, bytes);
    assert.equal(status.Verified, true);
  });

  test('nothing is delivered unverified before it has had its time', async () => {
    const { cloud, held, release } = await slowCloud(/contentpolicy/);
    await using _ = cloud;
    await using source = await MisbehavingSource.start(bytes);
    cloud.publish(source.url(), phfOf(bytes));
    await using device = await Device.create(slowClock());
    const agent = await device.agent({ cloudUrl: cloud.url });
    const download = await agent.download({ Url: source.url(), Output: device.path('out') });
    await held;
    await new Promise<void>((resolve) => {
      const stop = download.subscribe(({ FileSizeInCache }) => {
        if (FileSizeInCache < bytes.length) return;
        stop();
        resolve();
      });
    });
    assert.deepEqual(await device.files(), []);
    release();
    const status = await download.finished;
    await assertDelivered(device, status, bytes);
    assert.equal(status.Verified, true);
    assert.ok(source.bytesSent < bytes.length + mib);
  });

  test('it is simple mode in the end, and nothing was fetched twice', async () => {
    await using hole = await blackHole();
    await using source = await MisbehavingSource.start(bytes);
    await using device = await Device.create();
    const status = await device.get({ Url: source.url() }, { cloudUrl: `http://${hole.host}` });
    await assertDelivered(device, status, bytes);
    assert.equal(status.DownloadMode, 'Simple');
    assert.deepEqual([status.BytesFromHttp, source.bytesSent], [bytes.length, bytes.length]);
    assert.equal(status.ResumedBytes, 0);
    assert.equal(status.Notes.length, 1);
  });

  test('an abort ends all of it', async () => {
    await using hole = await blackHole();
    await using source = await MisbehavingSource.start(bytes);
    await using device = await Device.create();
    const agent = await device.agent({ cloudUrl: `http://${hole.host}` });
    source.limit = mib;
    const download = await agent.download({ Url: source.url(), Output: device.path('out') });
    await source.limitReached;
    await download.abort();
    assert.equal(download.status().State, 'Aborted');
    assert.deepEqual(await device.files(), []);
  });
});

suite('a small file', () => {
  for (const size of [0, 1, 5_000, 100_000]) {
    test(`of ${size} bytes comes once, verified`, async () => {
      const content = bytes.subarray(0, size);
      await using cloud = await FakeCloud.start();
      await using source = await MisbehavingSource.start(content);
      cloud.publish(source.url(), phfOf(content));
      await using device = await Device.create();
      const status = await device.get({ Url: source.url() }, { cloudUrl: cloud.url });
      await assertDelivered(device, status, content);
      assert.equal(status.Verified, true);
      assert.equal(status.BytesFromHttp, size);
    });
  }

  test('is under way before the cloud has answered', async () => {
    const { cloud, release } = await slowCloud(/geo/);
    await using _ = cloud;
    const content = bytes.subarray(0, 100_000);
    await using source = await MisbehavingSource.start(content);
    cloud.publish(source.url(), phfOf(content));
    await using device = await Device.create();
    const agent = await device.agent({ cloudUrl: cloud.url });
    source.limit = 99_000;
    const download = await agent.download({ Url: source.url(), Output: device.path('out') });
    await source.limitReached;
    release();
    source.limit = Number.POSITIVE_INFINITY;
    const status = await download.finished;
    await assertDelivered(device, status, content);
    assert.equal(status.Verified, true);
  });

  test('that is half here when the cloud answers is not fetched anew', async () => {
    await using cloud = await FakeCloud.start();
    const content = bytes.subarray(0, 100_000);
    await using source = await MisbehavingSource.start(content);
    cloud.publish(source.url(), phfOf(content));
    source.limit = 50_000;
    cloud.intercept = (asked) => {
      // Who joins knows the content.
      if (/join/.test(asked)) setImmediate(() => (source.limit = Number.POSITIVE_INFINITY));
      return false;
    };
    await using device = await Device.create(slowClock());
    const status = await device.get({ Url: source.url() }, { cloudUrl: cloud.url });
    await assertDelivered(device, status, content);
    assert.equal(status.Verified, true);
    assert.deepEqual([source.bytesSent, status.DuplicateBytes], [content.length, 0]);
  });
});

test('the size of a large file is asked for, and no byte more, where the cloud answers', async () => {
  await using cloud = await FakeCloud.start();
  await using source = await MisbehavingSource.start(bytes);
  cloud.publish(source.url(), phfOf(bytes));
  await using device = await Device.create();
  const status = await device.get({ Url: source.url() }, { cloudUrl: cloud.url });
  await assertDelivered(device, status, bytes);
  assert.equal(status.Verified, true);
  assert.ok(source.bytesSent <= bytes.length + 4_096, `${source.bytesSent - bytes.length} more`);
});
