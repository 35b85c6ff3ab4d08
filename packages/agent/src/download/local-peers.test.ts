import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type DownloadStatus, formatPiecesHashFile } from '@sluice/protocol';
import { FakeHost } from '../host/fake-host.test-kit.ts';
import { FakeLan } from '../local-discovery/testing/fake-lan.test-kit.ts';
import { assertDelivered, bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';

const bytes = bytesOf(12 * mib + 5);
const phf = phfOf(bytes);
const HashOfHashes = phf.hashOfHashes;
const groups = ['01234567-89ab-cdef-0123-456789abcdef', '11234567-89ab-cdef-0123-456789abcdef'];

async function world() {
  const stack = new AsyncDisposableStack();
  const lan = new FakeLan();
  const source = stack.use(await MisbehavingSource.start(bytes));
  source.objects.set('/file.phf', { content: Buffer.from(formatPiecesHashFile(phf)) });
  /** A device on the local network that fetches the file, and shares it until the end. */
  const get = async (request: object = {}, options: object = {}) => {
    const device = stack.use(await Device.create());
    const discovery = lan.join('127.0.0.1');
    const agent = await device.agent({ localDiscovery: discovery, ...options });
    const Output = device.path('out');
    const all = { Url: source.url(), Output, HashOfHashes, ...request };
    const status = await (await agent.download(all)).finished;
    await assertDelivered(device, status, bytes);
    return { device, discovery, agent, status };
  };
  return { lan, source, get, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const fromPeers = ({ BytesFromPeers }: DownloadStatus) => BytesFromPeers / bytes.length;

suite('peers on the local network, without a cloud', () => {
  test('bring all of it, and are found again after a restart', async () => {
    await using w = await world();
    const first = await w.get({}, { persistent: true });
    assert.equal(fromPeers(first.status), 0);
    const second = await w.get();
    assert.ok(fromPeers(second.status) >= 0.99, `${fromPeers(second.status)}`);
    const { DownloadMode, DownloadModeReason, NumPeers, Verified } = second.status;
    assert.deepEqual([DownloadMode, NumPeers, Verified], ['Lan', 1, true]);
    assert.match(DownloadModeReason, /peers on the local network only/);
    for (const { agent } of [first, second]) await agent.close();
    const again = w.lan.join('127.0.0.1');
    const restarted = await first.device.agent({ persistent: true, localDiscovery: again });
    await restarted.downloads()[0]!.finished;
    const third = await w.get();
    assert.ok(fromPeers(third.status) >= 0.99, `${fromPeers(third.status)}`);
  });

  test('in group mode are those of the group', async () => {
    await using w = await world();
    const group = (n: number) => ({ Mode: 2, GroupId: groups[n] });
    assert.equal(fromPeers((await w.get(group(0))).status), 0);
    assert.equal(fromPeers((await w.get(group(1))).status), 0);
    assert.equal(fromPeers((await w.get({ Mode: 1 })).status), 0);
    const { status } = await w.get(group(0));
    assert.ok(fromPeers(status) >= 0.99, `${fromPeers(status)}`);
    // LAN is preferred over Group, and LAN bytes never show as Group (workflow.md §5).
    assert.deepEqual([status.BytesFromGroupPeers, status.DownloadMode], [0, 'Group']);
  });

  test('are not looked for in modes 0 and 99, without a HashOfHashes, and when told not to', async () => {
    await using w = await world();
    await w.get();
    for (const request of [{ Mode: 0 }, { Mode: 99 }, { HashOfHashes: undefined }]) {
      const { status, discovery } = await w.get(request);
      assert.deepEqual([fromPeers(status), discovery.listener], [0, undefined]);
    }
    const { status } = await w.get({}, { localDiscovery: false });
    assert.equal(fromPeers(status), 0);
    assert.equal(status.DownloadModeReason, 'no cloud to find peers with');
  });

  test('are the only ones with that restriction', async () => {
    await using w = await world();
    await w.get({}, { restrictPeerSelectionBy: 'local' });
    const { status } = await w.get({}, { restrictPeerSelectionBy: 'local' });
    assert.ok(fromPeers(status) >= 0.99, `${fromPeers(status)}`);
  });

  test('are had with a VPN up as well, when they are the only ones (policies.md §5)', async () => {
    await using w = await world();
    const onVpn = () => {
      const hostProbe = new FakeHost();
      hostProbe.set({ adapters: ['wg0 (WireGuard VPN)'] });
      return { restrictPeerSelectionBy: 'local', hostProbe };
    };
    await w.get({}, onVpn());
    const { status } = await w.get({}, onVpn());
    assert.ok(fromPeers(status) >= 0.99, `${fromPeers(status)}`);
    assert.deepEqual(status.Notes, []);
  });

  test('that are not there are not waited for as an array’s are', async () => {
    await using w = await world();
    const timesOf = async (options: object) => {
      const times: number[] = [];
      for (let n = 0; n < 3; n++) {
        const { agent, status } = await w.get({}, options);
        times.push(status.DownloadDuration);
        await agent.close();
      }
      return Math.min(...times);
    };
    // A quarter of a second (search.ts), and what a busy machine makes of it.
    const extra = (await timesOf({})) - (await timesOf({ localDiscovery: false }));
    assert.ok(extra < 1_000, `${extra} ms`);
  });
});

suite('peers on the local network, with a cloud', () => {
  test('are found when the array names nobody', async () => {
    await using cloud = await FakeCloud.start();
    await using w = await world();
    cloud.publish(w.source.url(), phf);
    await w.get();
    // A line on which the second that it waits for others to call matters little.
    const settings = { DOMaxBackgroundDownloadBandwidth: 2_048 };
    const options = { cloudUrl: cloud.url, settings };
    const { status } = await w.get({ HashOfHashes: undefined }, options);
    assert.ok(fromPeers(status) >= 0.5, `${fromPeers(status)}`);
    assert.ok(cloud.joins.length > 0);
  });
});

suite('an agent that may only have peers it cannot look for', () => {
  test('does not start', async () => {
    await using device = await Device.create();
    const options = { restrictPeerSelectionBy: 'local' as const, localDiscovery: false };
    await assert.rejects(device.agent(options), { code: 'InvalidArgument' });
  });
});
