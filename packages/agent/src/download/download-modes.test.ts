import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatPiecesHashFile } from '@sluice/protocol';
import { assertDelivered, bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';

const bytes = bytesOf(3 * mib);
const phf = phfOf(bytes);
const GroupId = '01234567-89ab-cdef-0123-456789abcdef';

async function world() {
  const stack = new AsyncDisposableStack();
  const cloud = stack.use(await FakeCloud.start());
  const source = stack.use(await MisbehavingSource.start(bytes));
  cloud.publish(source.url(), phf);
  const device = stack.use(await Device.create());
  return { cloud, source, device, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

suite('download modes (policies.md §3)', () => {
  test('0: HTTP and cache, verified, no peers', async () => {
    await using w = await world();
    const request = { Url: w.source.url(), Mode: 0 as const };
    const status = await w.device.get(request, { cloudUrl: w.cloud.url });
    await assertDelivered(w.device, status, bytes);
    assert.deepEqual([status.DownloadMode, status.Verified], ['CdnOnly', true]);
    assert.equal(w.cloud.joins.length, 0);
  });

  test('1, 2, 3: peers of that scope', async () => {
    for (const [Mode, name] of [
      [1, 'Lan'],
      [2, 'Group'],
      [3, 'Internet'],
    ] as const) {
      await using w = await world();
      const request = { Url: w.source.url(), Mode, ...(Mode === 2 ? { GroupId } : {}) };
      const status = await w.device.get(request, { cloudUrl: w.cloud.url });
      await assertDelivered(w.device, status, bytes);
      assert.deepEqual([status.DownloadMode, status.Verified], [name, true]);
      const [join] = w.cloud.joins;
      assert.deepEqual([join?.Scope, join?.GroupId], [`${Mode}`, request.GroupId]);
    }
  });

  test('none: LAN peers', async () => {
    await using w = await world();
    const status = await w.device.get({ Url: w.source.url() }, { cloudUrl: w.cloud.url });
    assert.equal(status.DownloadMode, 'Lan');
  });

  test('99: no question to the cloud', async () => {
    await using w = await world();
    const request = { Url: w.source.url(), Mode: 99 as const };
    const status = await w.device.get(request, { cloudUrl: w.cloud.url });
    await assertDelivered(w.device, status, bytes);
    const { DownloadMode, DownloadModeReason, Verified } = status;
    assert.deepEqual([DownloadMode, DownloadModeReason, Verified], ['Simple', 'asked for', false]);
    assert.deepEqual(w.cloud.requests, []);
  });

  test('99 with a HashOfHashes is verified all the same', async () => {
    await using w = await world();
    w.source.objects.set('/file.phf', { content: Buffer.from(formatPiecesHashFile(phf)) });
    const { hashOfHashes: HashOfHashes } = phf;
    const request = { Url: w.source.url(), Mode: 99 as const, HashOfHashes };
    const status = await w.device.get(request, { cloudUrl: w.cloud.url });
    await assertDelivered(w.device, status, bytes);
    assert.deepEqual([status.DownloadMode, status.Verified], ['Simple', true]);
    assert.deepEqual(w.cloud.requests, []);
  });

  test('a request’s own cloud is asked in place of the agent’s', async () => {
    await using w = await world();
    await using other = await FakeCloud.start();
    const request = { Url: w.source.url(), CloudUrl: w.cloud.url };
    const status = await w.device.get(request, { cloudUrl: other.url });
    assert.equal(status.Verified, true);
    assert.deepEqual(other.requests, []);
  });
});

suite('what cannot be carried out is refused before it begins', () => {
  const Url = 'http://127.0.0.1:1/f';
  const wrong: Record<string, object> = {
    'a URL that is none': { Url: 'http://[' },
    'another scheme': { Url: 'file:///etc/passwd' },
    'a relative output': { Url, Output: 'out' },
    'an output with a zero byte': { Url, Output: '/tmp/a\0b' },
    'a PHF URL that is none': { Url, PhfUrl: 'http://' },
    'a cloud URL that is none': { Url, CloudUrl: 'http://x:y' },
    'a cache host that is none': { Url, CacheHosts: ['a b'] },
    'group mode without a group': { Url, Mode: 2 },
  };
  for (const [name, request] of Object.entries(wrong)) {
    test(name, async () => {
      await using device = await Device.create();
      const agent = await device.agent({ persistent: true });
      const download = agent.download({ Url, Output: device.path('out'), ...request });
      await assert.rejects(download, { code: 'InvalidArgument' });
      assert.deepEqual([agent.downloads(), await device.files()], [[], []]);
    });
  }

  test('an agent’s cloud URL that is none', async () => {
    await using device = await Device.create();
    await assert.rejects(device.agent({ cloudUrl: 'cloud:8080' }), { code: 'InvalidArgument' });
  });
});
