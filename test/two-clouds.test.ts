/** Clouds that share a database and a swarm store, behind a load balancer: none of them is needed. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Agent, createAgent, sha256OfFile } from '@sluice/agent';
import { waitingEvents } from '@sluice/agent/events';
import { ServerProcess } from '@sluice/cli';
import {
  noPostgres,
  noValkey,
  type PostgresServer,
  startPostgres,
  startValkey,
  type ValkeyServer,
} from '@sluice/cloud/testing';
import { noNginx, startBalancer } from './balancer.test-kit.ts';
import { MiB, startTestFleet } from './fleet.test-kit.ts';
import { SkippingClock } from './skipping-clock.test-kit.ts';

const devices = 12;
const size = 16 * MiB;
/** Slow enough that devices have told of their downloads before these are through. */
const sourceRate = 3 * MiB;
/** A seed joins again after so long, ms (`joinRules`). */
const rejoinMs = 60_000;

/** Peers are used whatever this machine is. */
const settings = {
  DOMinFileSizeToCache: 0,
  DOMinRAMAllowedToPeer: 0,
  DOMinDiskSizeAllowedToPeer: 0,
  DOAllowVPNPeerCaching: 1,
  DOMinBatteryPercentageAllowedToUpload: 1,
};

describe('two clouds', { skip: noPostgres || noValkey || noNginx }, () => {
  let postgres: PostgresServer;
  let valkey: ValkeyServer;
  before(async () => {
    postgres = await startPostgres();
    valkey = await startValkey();
  });
  after(async () => {
    await valkey.stop();
    await postgres.stop();
  });

  for (const which of [0, 1] as const) {
    const title = `with the ${['first', 'second'][which]} killed half-way, all devices finish, and each event counts once`;
    test(title, async (t) => {
      await using world = await startWorld(t.signal, await postgres.emptyDatabase(), valkey.url);
      const { agents, clouds } = world;
      const downloads = await world.fetchAll();
      // Some devices have told, others are about to.
      const events = () => postgres.query('SELECT count(*)::int AS n FROM event');
      while ((await events())[0]!.n === 0) await setTimeout(20);
      assert.ok(downloads.some((d) => d.status().State !== 'Finalized'));
      await clouds[which]!.kill();
      const statuses = await Promise.all(downloads.map((download) => download.finished));
      for (const [i, { State, Verified, Error: error }] of statuses.entries()) {
        assert.deepEqual([State, Verified], ['Finalized', true], `device ${i}: ${error?.Message}`);
        assert.equal(await sha256OfFile(world.output(i)), world.sha256);
      }
      const fromPeers = statuses.reduce((sum, status) => sum + status.BytesFromLanPeers, 0);
      assert.ok(fromPeers > 4 * size, `the clouds knew of each other's devices: ${fromPeers}`);

      const told = await world.allTold();
      const kept = await postgres.query(
        `SELECT device_id AS device, count(*)::int AS events, count(DISTINCT event_id)::int AS ids,
           (count(*) FILTER (WHERE name = 'DownloadStarted'))::int AS started,
           (count(*) FILTER (WHERE name = 'DownloadCompleted'))::int AS completed
         FROM event GROUP BY device_id ORDER BY device_id`,
      );
      const expected = agents
        .map(({ peerId: device }, i) => ({ device, events: told[i]!, ids: told[i]! }))
        .map((row) => ({ ...row, started: 1, completed: 1 }))
        .sort((a, b) => (a.device < b.device ? -1 : 1));
      assert.deepEqual(kept, expected);
      const [sums] = await postgres.query(
        'SELECT sum(completed)::int AS downloads FROM device_day',
      );
      assert.equal(sums!.downloads, devices, 'added up once');
    });
  }

  test('a swarm store that comes back empty has all devices again after one join of each', async (t) => {
    await using world = await startWorld(t.signal, await postgres.emptyDatabase(), valkey.url);
    const { clouds } = world;
    for (const { finished } of await world.fetchAll()) await finished;
    const known = () => Promise.all(clouds.map((cloud) => metric(cloud, 'peers')));
    const joins = async () => {
      const counts = await Promise.all(clouds.map((cloud) => metric(cloud, 'joins_total')));
      return counts.reduce((sum, count) => sum + count);
    };
    assert.deepEqual(await known(), [devices, devices]);
    await valkey.stop();
    valkey = await startValkey(valkey.port);
    for (const { ready } of clouds) {
      while (!(await fetch(`${ready.Url}/ready`)).ok) await setTimeout(20);
    }
    // They remember their last count for some seconds.
    while ((await known()).some((count) => count > 0)) await setTimeout(20);
    const before = await joins();
    world.clock.skip(rejoinMs);
    while ((await known()).some((count) => count < devices)) await setTimeout(20);
    assert.equal((await joins()) - before, devices, 'each came once');
    await world.leaveToPeers();
    const { State, BytesFromLanPeers } = await world.newcomer();
    assert.deepEqual([State, BytesFromLanPeers], ['Finalized', size]);
  });
});

/** Clouds, balancer, source and cache node, each a process, and devices. */
async function startWorld(signal: AbortSignal, database: string, swarmStore: string) {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-clouds-'));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const shared = [
    ...['--database', database, '--swarm-store', swarmStore],
    ...['--trusted-proxy', '127.0.0.1', '--log-level', 'error'],
  ];
  let second!: ServerProcess;
  const { fleet, sha256 } = undo.use(
    await startTestFleet({
      ...{ devices: 0, size, sourceRate, cloudFlags: shared },
      async front(first) {
        const flags = ['--listen', '127.0.0.1:0', '--data-dir', path.join(folder, 'cloud')];
        second = await ServerProcess.start(['cloud', ...flags, ...shared], signal);
        undo.defer(() => second.stop());
        const balancer = await startBalancer(folder, [first, String(second.ready.Url)]);
        undo.defer(() => balancer.stop());
        return balancer.url;
      },
    }),
  );
  const clock = new SkippingClock();
  const dataDir = (i: number) => path.join(folder, `device-${i}`);
  const output = (i: number) => path.join(folder, `device-${i}.bin`);
  const newAgent = (i: number) =>
    createAgent({
      ...{ dataDir: dataDir(i), cloudUrl: fleet.cloudUrl, persistent: true, settings, clock },
      ...{ peerPort: 0, listenHost: '127.0.0.1', localDiscovery: false },
      cacheHosts: [new URL(String(fleet.cacheNode.ready.Url)).host],
      // Events go about when they come, not within a minute.
      random: () => Math.random() / 50,
    });
  const agents: Agent[] = [];
  for (let i = 0; i < devices; i++) agents.push(undo.use(await newAgent(i)));
  const fetchBy = (agent: Agent, i: number) =>
    agent.download({ Url: fleet.source.url, Output: output(i) });
  const started = undo.move();
  return {
    ...{ agents, clock, output, sha256, clouds: [fleet.cloud, second] },
    fetchAll: () => Promise.all(agents.map(fetchBy)),
    /** One more device fetches it. */
    async newcomer() {
      const agent = started.use(await newAgent(devices));
      return (await fetchBy(agent, devices)).finished;
    },
    /** Neither source nor cache node any more. */
    async leaveToPeers(): Promise<void> {
      await fleet.source.close();
      await fleet.cacheNode.kill();
    },
    /** Waits until nothing waits any more. @returns how many events each device has told, ever. */
    async allTold(): Promise<number[]> {
      for (;;) {
        const spools = await Promise.all(agents.map((_, i) => waitingEvents(dataDir(i))));
        const isDone = ({ events, state }: (typeof spools)[number]) =>
          events.length === 0 && state.LastSnapshotAt !== null && state.Sent >= 3;
        if (spools.every(isDone)) {
          assert.ok(spools.every(({ state }) => state.Dropped === 0));
          return spools.map(({ state }) => state.Sent);
        }
        await setTimeout(50);
      }
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

async function metric(cloud: ServerProcess, name: string): Promise<number> {
  const text = await (await fetch(`${cloud.ready.Url}/metrics`)).text();
  return Number(new RegExp(`^sluice_cloud_${name} (\\d+)$`, 'm').exec(text)?.[1]);
}
