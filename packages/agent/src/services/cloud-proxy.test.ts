import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveProxy } from '../source/testing/proxy-server.ts';
import { assertDelivered, bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';

test('a device behind a proxy reaches its cloud by it, as it reaches its sources', async () => {
  const bytes = bytesOf(2 * mib);
  await using cloud = await FakeCloud.start();
  await using source = await MisbehavingSource.start(bytes);
  await using proxy = await serveProxy({ user: 'u:p' });
  await using device = await Device.create();
  // Names that only the proxy can resolve, also in what the cloud answers.
  const far = (url: string) => url.replace('127.0.0.1', 'far.test');
  Object.assign(cloud, { url: far(cloud.url) });
  const Url = far(source.url());
  cloud.publish(Url, phfOf(bytes));
  for (const options of [
    { env: { http_proxy: proxy.origin.replace('://', '://u:p@') } },
    { proxy: proxy.origin, proxyUser: 'u:p' },
  ]) {
    const before = cloud.joins.length;
    const status = await device.get({ Url }, { cloudUrl: cloud.url, ...options });
    await assertDelivered(device, status, bytes);
    assert.deepEqual([status.DownloadMode, status.Verified], ['Lan', true]);
    assert.ok(cloud.joins.length > before);
  }
  assert.ok(proxy.lines.some((line) => line.startsWith(`GET ${cloud.url}/geo?`)));
});
