/** A download that runs gets peers, gets them back or gets others, when settings allow it. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { GivenSettings } from '@sluice/protocol/policy';
import { until } from '../swarm/testing/until.ts';
import { bytes, set, settingsWorld } from './settings-world.test-kit.ts';

/** HTTP brings next to nothing; peers on site are not limited. */
const slow = { DOMaxBackgroundDownloadBandwidth: 4 };
const GroupId = '01234567-89ab-cdef-0123-456789abcdef';

suite('peers that a change allows again', () => {
  test('come back at once, however often that happens', async () => {
    await using w = await settingsWorld();
    w.cloud.peers = [w.peer.entry];
    const { agent, download } = await w.begin({ settings: slow });
    const lan = () => download.status().LanConnectionCount;
    await until(() => lan() > 0);
    for (let n = 0; n < 4; n++) {
      await set(agent, { DODownloadMode: 0 });
      await until(() => lan() === 0);
      const since = performance.now();
      await set(agent, {});
      await until(() => lan() > 0);
      // Taken for a failure of the peer, each time would cost twice as much as the one before, from 5 s.
      assert.ok(performance.now() - since < 4_000, `${performance.now() - since} ms`);
    }
    await download.abort();
  });

  test('of changes in a row the last one counts', async () => {
    await using w = await settingsWorld();
    w.cloud.peers = [w.peer.entry];
    const { agent, download } = await w.begin({ settings: slow });
    const lan = () => download.status().LanConnectionCount;
    await until(() => lan() > 0);
    const none = { DODownloadMode: 0 };
    await Promise.all(
      [none, {}, { DOMinRAMAllowedToPeer: 64 }, none, {}].map((s) => set(agent, s)),
    );
    await until(() => lan() > 0);
    await Promise.all([{}, none].map((s) => set(agent, s)));
    await until(() => lan() === 0);
    await download.abort();
  });

  test('who is wanted after a change of the restriction is connected again at once', async () => {
    await using w = await settingsWorld();
    w.cloud.peers = [w.peer.entry];
    const { agent, download } = await w.begin({ settings: slow });
    const lan = () => download.status().LanConnectionCount;
    await until(() => lan() > 0);
    const since = performance.now();
    await set(agent, { DORestrictPeerSelectionBy: 1 });
    await until(() => lan() === 0);
    await until(() => lan() > 0);
    assert.ok(performance.now() - since < 4_000);
    await download.abort();
  });
});

suite('a download that began without peers', () => {
  const ruledOut: [given: GivenSettings, allowing: GivenSettings][] = [
    [{ DODownloadMode: 0 }, { DODownloadMode: 1 }],
    [{ DOMinRAMAllowedToPeer: 64 }, { DOMinRAMAllowedToPeer: 1 }],
    [{ DOMinFileSizeToCache: 100 }, { DOMinFileSizeToCache: 1 }],
  ];
  for (const [given, allowing] of ruledOut) {
    test(`${JSON.stringify(given)}: gets them, and is shared, when they are allowed`, {
      timeout: 30_000,
    }, async () => {
      await using w = await settingsWorld();
      await w.seed();
      const { bytesSent } = w.source;
      const { agent, download } = await w.begin({ settings: { ...slow, ...given } });
      await until(() => w.source.bytesSent > bytesSent);
      await set(agent, allowing);
      await until(() => download.status().BytesFromLanPeers > bytes.length / 2);
      // What HTTP had begun is left to it: let it come to its end.
      await set(agent, { ...allowing, DOMaxBackgroundDownloadBandwidth: 0 });
      const status = await download.finished;
      assert.deepEqual(
        [status.State, status.Status, status.DownloadMode],
        ['Finalized', 'Caching', 'Lan'],
      );
      assert.deepEqual(download.progress.refusals, []);
    });
  }

  test('in simple mode it has none to the end: nothing could verify what they send', async () => {
    await using w = await settingsWorld();
    await w.seed();
    const { agent, download } = await w.begin({ settings: { DODownloadMode: 99 } });
    await set(agent, { DODownloadMode: 1 });
    const status = await download.finished;
    assert.deepEqual([status.State, status.BytesFromPeers], ['Finalized', 0]);
  });
});

test('another mode: others are looked for, and who came by the old one goes', async () => {
  await using w = await settingsWorld();
  w.cloud.peers = [w.peer.entry];
  const { agent, download } = await w.begin({ settings: slow });
  await until(() => download.status().LanConnectionCount > 0);
  w.cloud.peers = [];
  await set(agent, { DODownloadMode: 2, DOGroupId: GroupId });
  await until(() => w.cloud.joins.at(-1)?.Scope === '2');
  assert.equal(w.cloud.joins.at(-1)?.GroupId, GroupId);
  await until(() => download.status().LanConnectionCount === 0);
  assert.equal(download.status().DownloadMode, 'Group');
  await download.abort();
});

test('what peers were ruled out for meanwhile is not shared afterwards', async () => {
  await using w = await settingsWorld();
  w.cloud.peers = [w.peer.entry];
  const waiting = { DODelayBackgroundDownloadFromHttp: 600 };
  const { agent, download } = await w.begin({ settings: waiting });
  await until(() => download.status().LanConnectionCount > 0);
  await set(agent, { DODownloadMode: 0 });
  const status = await download.finished;
  assert.deepEqual([status.State, status.Status], ['Finalized', 'Complete']);
  assert.equal(w.cloud.leaves.length, 1);
});
