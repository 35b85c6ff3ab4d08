import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isSluiceError, seededRandom } from '@sluice/protocol';
import type { Cluster, Redis } from 'ioredis';
import { systemClock } from '../../clock/system-clock.ts';
import {
  noValkey,
  startValkey,
  startValkeyCluster,
} from '../../testing/valkey-server.test-support.ts';
import { type OpenRegistry, swarmRegistryContract } from '../registry-contract.test-support.ts';
import { member, peerId, told } from '../registry-members.test-support.ts';
import { openValkey } from './open-valkey.ts';
import { ValkeySwarmRegistry } from './valkey-registry.ts';

for (const [name, start] of [
  ['Valkey', startValkey],
  ['Valkey cluster', startValkeyCluster],
] as const) {
  describe(name, { skip: noValkey }, () => {
    let server: { url: string; stop(): Promise<void> };
    let store: Redis | Cluster;
    before(async () => {
      server = await start();
      store = await openValkey(server.url);
    });
    after(async () => {
      store.disconnect();
      await server.stop();
    });
    const open: OpenRegistry = async ({ clock, random, peersPerSwarm }) => {
      for (const node of 'nodes' in store ? store.nodes('master') : [store]) await node.flushall();
      const most = peersPerSwarm === undefined ? {} : { peersPerSwarm };
      return new ValkeySwarmRegistry(store, {
        ...{ clock, random, now: () => clock.now() },
        ...most,
      });
    };
    swarmRegistryContract(name, open, 40);
  });
}

describe('a Valkey store', { skip: noValkey }, () => {
  test('two clouds share swarms, by the clock of the store; keys end by themselves', async (t) => {
    const server = await startValkey();
    t.after(() => server.stop());
    const stores = [await openValkey(server.url), await openValkey(server.url)] as const;
    t.after(() => {
      for (const store of stores) store.disconnect();
    });
    const [one, two] = stores.map(
      (s) => new ValkeySwarmRegistry(s, { clock: systemClock, random: seededRandom(1) }),
    );
    await one!.join('a', member(1), 0);
    assert.deepEqual(await told(two!, member(2)), [peerId(1)]);
    assert.deepEqual(await one!.stats(), { swarms: 1, peers: 2 });
    for (const key of await stores[0].keys('*')) {
      const ttl = await stores[0].pttl(key);
      assert.ok(ttl > 0 && ttl <= 900_000, `${key} ${ttl}`);
    }
  });

  test('a store that comes back empty is filled again by the joins', async (t) => {
    let server = await startValkey();
    t.after(() => server.stop());
    const store = await openValkey(server.url);
    t.after(() => store.disconnect());
    const registry = new ValkeySwarmRegistry(store, {
      clock: systemClock,
      random: seededRandom(1),
    });
    await registry.join('a', member(1), 0);
    await server.stop();
    await assert.rejects(registry.join('a', member(2), 1), (e) =>
      isSluiceError(e, 'StoreUnavailable'),
    );
    server = await startValkey(server.port);
    await new Promise((resolve) => store.once('ready', resolve));
    assert.deepEqual(await told(registry, member(2)), []);
    assert.deepEqual(await told(registry, member(1)), [peerId(2)]);
  });

  test('no store, or no URL of one, is a clear error', async () => {
    await assert.rejects(openValkey('http://h'), (e) => isSluiceError(e, 'InvalidArgument'));
    await assert.rejects(openValkey('redis://127.0.0.1:1'), (e) =>
      isSluiceError(e, 'StoreUnavailable'),
    );
  });
});
