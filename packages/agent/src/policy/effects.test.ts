/** What settings do to downloads, and what their change does to one that runs. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { DownloadRequest, DownloadStatus } from '@sluice/protocol';
import type { PolicyName } from '@sluice/protocol/policy';
import type { AgentOptions } from '../agent-options.ts';
import { FakeHost } from '../host/fake-host.test-kit.ts';
import { until } from '../swarm/testing/until.ts';
import type { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';
import { bytes, type SettingsWorld, settingsWorld } from './settings-world.test-kit.ts';

const GroupId = '01234567-89ab-cdef-0123-456789abcdef';

/** Has the key-value service say more. */
function cloudSays(cloud: FakeCloud, settings: object): void {
  cloud.intercept = (path, response) => {
    if (path !== '/all') return false;
    const endpoints = {
      ContentPolicy_EndpointUri: `${cloud.url}/`,
      ContentPolicy_EndpointFullUri: `${cloud.url}/content/{contentId}/contentpolicy`,
      Discovery_EndpointFullUri: `${cloud.url}/discovery/{contentId}`,
    };
    response.end(JSON.stringify({ ...endpoints, ...settings }));
    return true;
  };
}

const waiting = { DODelayBackgroundDownloadFromHttp: 600 };
const vpn = new FakeHost();
vpn.set({ adapters: ['tun9'] });

/** Changes that rule out a download’s peers; it waits for one that brings nothing. */
const rulingOut: [PolicyName, string | number, FakeHost?][] = [
  ['DODownloadMode', 0],
  ['DODownloadMode', 99],
  ['DOMinRAMAllowedToPeer', 64],
  ['DOMinDiskSizeAllowedToPeer', 1_000],
  ['DOMinFileSizeToCache', 100],
  ['DOVpnKeywords', 'tun', vpn],
];

suite('a change of settings, for a download that runs', () => {
  for (const [name, value, hostProbe = new FakeHost()] of rulingOut) {
    test(`${name}=${value} takes its peers, and HTTP brings the rest`, async () => {
      await using w = await settingsWorld();
      w.cloud.peers = [w.peer.entry];
      const { agent, download } = await w.begin({ settings: waiting, hostProbe });
      await until(() => download.status().LanConnectionCount > 0);
      assert.equal(w.source.bytesSent, 0);
      await agent.settings.change({ provider: 'Admin', values: { [name]: value }, isWhole: true });
      const status = await download.finished;
      assert.deepEqual([status.State, status.BytesFromHttp], ['Finalized', bytes.length]);
      const rule = name === 'DOVpnKeywords' ? 'DOAllowVPNPeerCaching' : name;
      const found = download.progress.refusals.find((refusal) => refusal.rule === rule);
      assert.ok(found, 'it is told why');
      if (rule === name) assert.equal(found.setBy, 'admin');
    });
  }

  test('DOAllowVPNPeerCaching takes its peers', async () => {
    await using w = await settingsWorld(20);
    const hostProbe = new FakeHost();
    hostProbe.set({ adapters: ['vpn0'] });
    w.cloud.peers = [w.peer.entry];
    const settings = { ...waiting, DOAllowVPNPeerCaching: 1, DOMaxBackgroundDownloadBandwidth: 4 };
    const { agent, download } = await w.begin({ settings, hostProbe });
    const lan = () => download.status().LanConnectionCount;
    await until(() => lan() > 0);
    const values = { DOAllowVPNPeerCaching: 0 };
    await agent.settings.change({ provider: 'Admin', values, isWhole: true });
    await until(() => lan() === 0);
    await download.abort();
  });

  test('DORestrictPeerSelectionBy drops who is no longer wanted', async () => {
    await using w = await settingsWorld();
    w.cloud.peers = [w.peer.entry];
    const { agent, download } = await w.begin({ settings: waiting });
    await until(() => download.status().LanConnectionCount > 0);
    const values = { DORestrictPeerSelectionBy: 2 };
    await agent.settings.change({ provider: 'Admin', values, isWhole: true });
    assert.equal((await download.finished).BytesFromHttp, bytes.length);
  });

  test('DODelayBackgroundDownloadFromHttp opens HTTP when it is taken away', async () => {
    await using w = await settingsWorld();
    w.cloud.peers = [w.peer.entry];
    const { agent, download } = await w.begin({ settings: waiting });
    await until(() => download.status().LanConnectionCount > 0);
    const values = { DODelayBackgroundDownloadFromHttp: 0 };
    await agent.settings.change({ provider: 'Admin', values, isWhole: true });
    const status = await download.finished;
    assert.deepEqual([status.State, status.BytesFromHttp], ['Finalized', bytes.length]);
  });

  test('a limit in KB/s slows it down, and lets it go again', async () => {
    await using w = await settingsWorld();
    const settings = { DOMaxBackgroundDownloadBandwidth: 16 };
    const { agent, download } = await w.begin({ settings });
    await until(() => w.source.bytesSent > 0);
    assert.equal(download.status().State, 'Transferring');
    const values = { DOMaxBackgroundDownloadBandwidth: 0 };
    await agent.settings.change({ provider: 'Admin', values, isWhole: true });
    const status = await download.finished;
    // At 16 KB/s it would have taken three minutes.
    assert.ok(status.DownloadDuration < 60_000, `${status.DownloadDuration} ms`);
  });
});

suite('download mode and group by settings', () => {
  const modeOf = async (
    options: Partial<AgentOptions>,
    request: Partial<DownloadRequest> = {},
    setUp: (w: SettingsWorld) => void = () => {},
  ): Promise<{ status: DownloadStatus; joins: FakeCloud['joins'] }> => {
    await using w = await settingsWorld();
    setUp(w);
    const { download } = await w.begin(options, request);
    return { status: await download.finished, joins: w.cloud.joins };
  };

  test('what is set holds for who asks for nothing, and says who set it', async () => {
    const { status, joins } = await modeOf({ settings: { DODownloadMode: 0 } });
    assert.deepEqual([status.DownloadMode, joins.length], ['CdnOnly', 0]);
    assert.equal(status.DownloadModeReason, 'as set (command line)');
    const bypass = await modeOf({ settings: { DODownloadMode: 100 } });
    assert.equal(bypass.status.DownloadMode, 'Simple');
  });

  test('a download that names a mode has it, unless who manages the device allows less', async () => {
    const asked = await modeOf({ settings: { DODownloadMode: 0 } }, { Mode: 3 });
    assert.equal(asked.status.DownloadMode, 'Internet');
    const forced = { DODownloadMode: 0, Sluice_ForcedSettings: ['DODownloadMode'] };
    await using w = await settingsWorld();
    cloudSays(w.cloud, forced);
    const agent = await w.device.agent({ cloudUrl: w.cloud.url });
    await agent.prepare();
    assert.equal(agent.settings.resolved.sources.DODownloadMode.provider, 'CloudForced');
    const Output = w.device.path('out');
    const download = await agent.download({ Url: w.source.url(), Output, Mode: 3 });
    const status = await download.finished;
    assert.deepEqual([status.DownloadMode, w.cloud.joins.length], ['CdnOnly', 0]);
  });

  test('DOGroupId, and a group that DHCP names', async () => {
    const set = await modeOf({ settings: { DODownloadMode: 2, DOGroupId: GroupId } });
    assert.deepEqual([set.joins[0]?.Scope, set.joins[0]?.GroupId], ['2', GroupId]);
    const dhcp = { text: async (option: number) => (option === 234 ? GroupId : undefined) };
    const settings = { DODownloadMode: 2, DOGroupIdSource: 3 };
    const found = await modeOf({ settings, dhcp });
    assert.equal(found.joins[0]?.GroupId, GroupId);
    const asked = await modeOf({ settings: { DOGroupId: GroupId } }, { Mode: 2 });
    assert.equal(asked.joins[0]?.GroupId, GroupId);
  });

  test('mode 2 without a group: LAN peers', async () => {
    const { status, joins } = await modeOf({ settings: { DODownloadMode: 2 } });
    assert.deepEqual([status.DownloadMode, joins[0]?.Scope], ['Lan', '1']);
  });
});

suite('cache hosts by settings', () => {
  test('DOCacheHost, and option 235 before it when forced', async () => {
    await using w = await settingsWorld();
    await using cache = await MisbehavingSource.start(bytes);
    const host = new URL(cache.origin).host;
    const dhcp = { text: async (option: number) => (option === 235 ? host : undefined) };
    const settings = { DOCacheHost: 'none.invalid', DOCacheHostSource: 2 };
    const { download } = await w.begin({ settings, dhcp });
    const status = await download.finished;
    assert.deepEqual([status.State, status.CacheHost], ['Finalized', host]);
  });

  test('none on a VPN when that is ruled out, and it is told', async () => {
    await using w = await settingsWorld();
    const hostProbe = new FakeHost();
    hostProbe.set({ adapters: ['vpn0'] });
    const settings = { DOCacheHost: 'cache.invalid', DODisallowCacheServerDownloadsOnVPN: 1 };
    const { download } = await w.begin({ settings, hostProbe });
    const status = await download.finished;
    assert.deepEqual([status.State, status.CacheHost ?? null], ['Finalized', null]);
    const ruledOut = download.why().RuledOut.map(({ Rule }) => Rule);
    assert.ok(ruledOut.includes('DODisallowCacheServerDownloadsOnVPN'));
  });
});
