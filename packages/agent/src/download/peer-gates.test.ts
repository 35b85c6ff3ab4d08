import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import type { HostFacts } from '@sluice/engine';
import type { DownloadStatus } from '@sluice/protocol';
import type { Agent } from '../agent.ts';
import type { AgentOptions } from '../agent-options.ts';
import { FakeHost } from '../host/fake-host.test-kit.ts';
import { until } from '../swarm/testing/until.ts';
import { bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';

const bytes = bytesOf(8 * mib + 9);
const gb = 1024 ** 3;

/** A cloud, a source, and devices by name; one of them, `seed`, may have the content already. */
async function world() {
  const stack = new AsyncDisposableStack();
  const cloud = stack.use(await FakeCloud.start());
  const source = stack.use(await MisbehavingSource.start(bytes));
  cloud.publish(source.url(), phfOf(bytes));
  const place = stack.use(await Device.create());
  const agent = (name: string, options: Partial<AgentOptions> = {}) =>
    place.agent({ dataDir: place.path(`data-${name}`), cloudUrl: cloud.url, ...options });
  const get = async (
    name: string,
    host: Partial<HostFacts> = {},
    options: Partial<AgentOptions> = {},
  ) => {
    const hostProbe = new FakeHost();
    hostProbe.set(host);
    const made = await agent(name, { hostProbe, ...options });
    const Output = place.path(name);
    const download = await made.download({ Url: source.url(), Output });
    const status = await download.finished;
    assert.equal(status.State, 'Finalized', status.Error?.Message);
    assert.ok((await readFile(Output)).equals(bytes));
    return { agent: made, download, status };
  };
  return {
    cloud,
    source,
    place,
    agent,
    get,
    kept: (name: string) => readdir(place.path(`data-${name}/content`)),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function assertAlone(status: DownloadStatus, rule: string): void {
  assert.equal(status.BytesFromPeers, 0);
  assert.equal(status.BytesFromHttp, bytes.length);
  assert.equal(status.DownloadMode, 'Lan');
  assert.equal(status.Verified, true);
  assert.equal(status.Status, 'Complete', 'not shared');
  assert.ok(
    status.Notes.some((note) => note.startsWith(`no peers: ${rule}`)),
    `${status.Notes}`,
  );
}

suite('a device that may not get from peers', () => {
  const cases: [rule: string, host: Partial<HostFacts>, options: Partial<AgentOptions>][] = [
    ['DOMinRAMAllowedToPeer', { ramBytes: 3 * gb }, {}],
    ['DOMinDiskSizeAllowedToPeer', { diskBytes: 31 * gb }, {}],
    ['DOAllowVPNPeerCaching', { adapters: ['wg0 (WireGuard VPN)'] }, {}],
    ['DOAllowVPNPeerCaching', { adapters: ['corp1'] }, { settings: { DOVpnKeywords: 'corp' } }],
  ];
  for (const [rule, host, options] of cases) {
    test(`${rule}: goes on with HTTP, says why, and is not in the array`, async () => {
      await using w = await world();
      await w.get('seed');
      const { length: joins } = w.cloud.joins;
      const { status, download } = await w.get('b', host, options);
      assertAlone(status, rule);
      assert.equal(w.cloud.joins.length, joins);
      assert.deepEqual(
        download.progress.refusals.map((r) => [r.rule, r.affects]),
        [[rule, 'download']],
      );
      assert.deepEqual(await w.kept('b'), [], 'nothing is kept');
    });
  }

  test('the same device, allowed to by its settings, gets all from the peer', async () => {
    await using w = await world();
    await w.get('seed');
    const host = { ramBytes: gb, diskBytes: gb, adapters: ['vpn0'] };
    const settings = {
      DOMinRAMAllowedToPeer: 1,
      DOMinDiskSizeAllowedToPeer: 1,
      DOAllowVPNPeerCaching: 1,
    };
    const { status } = await w.get('b', host, { settings });
    assert.equal(status.BytesFromLanPeers, bytes.length);
    assert.deepEqual(status.Notes, []);
  });
});

suite('a file that is too small for peers', () => {
  const settings = { DOMinFileSizeToCache: 9 };

  test('comes from HTTP, is not kept, and the array is left again', async () => {
    await using w = await world();
    await w.get('seed');
    const { status } = await w.get('b', {}, { settings });
    assertAlone(status, 'DOMinFileSizeToCache');
    const [seed, guest] = [w.cloud.joins[0]!.PeerId, w.cloud.joins.at(-1)!.PeerId];
    const left = w.cloud.leaves.map(({ PeerId }) => PeerId);
    assert.deepEqual(left, guest === seed ? [] : [guest]);
    assert.deepEqual(await w.kept('b'), []);
  });

  test('is not shared again by a service that was told so since', async () => {
    await using w = await world();
    const { agent } = await w.get('seed', {}, { persistent: true });
    await agent.close();
    const { length: joins } = w.cloud.joins;
    const again = await w.agent('seed', { persistent: true, settings });
    const status = await again.downloads()[0]!.finished;
    assert.equal(status.State, 'Finalized');
    assert.equal(status.Status, 'Complete');
    assert.match(status.Notes.join(), /no peers: DOMinFileSizeToCache/);
    assert.equal(w.cloud.joins.length, joins);
    await again.close();
    const large = await w.agent('seed', { persistent: true });
    assert.equal((await large.downloads()[0]!.finished).Status, 'Caching');
  });

  test('asked for twice at once: fetched once, shared by neither', async () => {
    await using w = await world();
    const agent = await w.agent('a', { settings });
    const ask = (name: string) =>
      agent.download({ Url: w.source.url(), Output: w.place.path(name) });
    const both = await Promise.all(
      (await Promise.all([ask('1'), ask('2')])).map((d) => d.finished),
    );
    for (const status of both)
      assert.deepEqual([status.State, status.Status], ['Finalized', 'Complete']);
    assert.deepEqual(await w.kept('a'), []);
    assert.ok(w.source.bytesSent < 1.5 * bytes.length);
  });
});

suite('a device that may not upload', () => {
  const onBattery = { battery: { onMains: false, percent: 90 } };

  async function shares({ agent }: { agent: Agent }): Promise<number> {
    return agent.downloads().reduce((sum, d) => sum + d.status().BytesToLanPeers, 0);
  }

  test('on battery, policy not set: gets from peers, gives nothing, leaves the array', async () => {
    await using w = await world();
    const seed = await w.get('seed', onBattery);
    assert.equal(w.cloud.joins[0]!.RestrictedUpload, '1');
    await until(() => w.cloud.leaves.length === 1);
    const { status } = await w.get('b');
    assert.deepEqual([status.BytesFromPeers, await shares(seed)], [0, 0]);
  });

  test('39 % with policy 40: no; 40 %: yes', async () => {
    for (const percent of [39, 40]) {
      await using w = await world();
      const settings = { DOMinBatteryPercentageAllowedToUpload: 40 };
      const seed = await w.get('seed', { battery: { onMains: false, percent } }, { settings });
      const { status } = await w.get('b', onBattery, { settings });
      const expected = percent === 40 ? bytes.length : 0;
      assert.deepEqual([status.BytesFromPeers, await shares(seed)], [expected, expected]);
    }
  });

  test('downloading from peers on battery goes on', async () => {
    await using w = await world();
    await w.get('seed');
    const { status } = await w.get('b', onBattery);
    assert.equal(status.BytesFromLanPeers, bytes.length);
  });

  test('two on battery at once do not wait for each other', async () => {
    await using w = await world();
    const both = ['a', 'b'].map((name) => w.get(name, onBattery));
    for (const { status } of await Promise.all(both)) {
      assert.equal(status.BytesFromPeers, 0);
      assert.ok(status.DownloadDuration < 3_000, `${status.DownloadDuration} ms`);
    }
  });
});
