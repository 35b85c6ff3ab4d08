import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { isSluiceError, ManualClock, seededRandom } from '@sluice/protocol';
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

/** Two clouds that share a store, by one clock. `store` is the connection of the first. */
async function twoClouds(t: TestContext) {
  const server = await startValkey();
  t.after(() => server.stop());
  const clock = new ManualClock();
  const cloud = async () => {
    const store = await openValkey(server.url);
    t.after(() => store.disconnect());
    const options = { clock, random: seededRandom(1), now: () => clock.now() };
    return { store, registry: new ValkeySwarmRegistry(store, options) };
  };
  const { store, registry: one } = await cloud();
  const { registry: two } = await cloud();
  return { clock, store, one, two };
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

  test('what is asked for often is copied, and only who came again is told of it', async (t) => {
    const { clock, store, one, two } = await twoClouds(t);
    const sampled = async () =>
      Number(/cmdstat_zrange:calls=(\d+)/.exec(await store.info('commandstats'))?.[1] ?? 0);
    const ask: typeof told = (registry, ...asked) => {
      clock.advance(1);
      return told(registry, ...asked);
    };
    for (const n of [1, 2, 3]) await one.join('a', member(n), 9);
    const before = await sampled();
    assert.deepEqual(await ask(one, member(1)), [2, 3].map(peerId));
    assert.equal(await sampled(), before, 'by the copy');
    await two.join('a', member(4), 9);
    assert.deepEqual(await ask(one, member(1)), [2, 3].map(peerId), 'it knows others already');
    assert.deepEqual(await ask(one, member(5)), [1, 2, 3, 4].map(peerId), 'it knows nobody');
    assert.deepEqual(await ask(one, member(1)), [2, 3, 5].map(peerId), 'who came by this cloud');
    assert.deepEqual(await ask(one, member(2, { left: 0 })), [1, 3, 4, 5].map(peerId));
    await one.leave('a', peerId(3), member(3).externalIp);
    assert.deepEqual(await ask(one, member(1)), [2, 5].map(peerId));
    clock.advance(5_001);
    // It has answered as often as it has members: it is made anew, for those who come later.
    assert.deepEqual(await ask(one, member(1)), [2, 5].map(peerId));
    await one.stats();
    const samples = await sampled();
    assert.deepEqual(await ask(one, member(1)), [2, 4, 5].map(peerId));
    assert.equal(await sampled(), samples, 'by the copy');
    await one.stats();
    // Nothing is there any more.
    await store.flushall();
    assert.deepEqual(await ask(one, member(5)), [1, 2, 4].map(peerId));
    clock.advance(50);
    assert.equal((await one.stats()).peers, 1, 'entered again');
    assert.deepEqual(await ask(two, member(6)), [peerId(5)]);
  });

  test('a copy that is still the same is not sent again; what other clouds do has it sent', async (t) => {
    const { clock, store, one, two } = await twoClouds(t);
    const sent = async () =>
      Number(/cmdstat_hgetall:calls=(\d+)/.exec(await store.info('commandstats'))?.[1] ?? 0);
    const comeAgain = async (...all: number[]) => {
      clock.advance(20_000);
      for (const n of all) await one.join('a', member(n, { left: 0 }), 9);
      // Until then the copy has been looked after.
      await one.stats();
      return sent();
    };
    for (const n of [1, 2, 3]) await one.join('a', member(n, { left: 0 }), 9);
    await one.join('a', member(4, { left: 0 }), 9);
    assert.equal(await sent(), 1);
    for (let round = 0; round < 5; round++) {
      assert.equal(await comeAgain(1, 2, 3, 4), 1, 'one that joined by this cloud is in it');
    }
    await two.join('a', member(5, { left: 0 }), 9);
    assert.equal(await comeAgain(1, 2, 3, 4), 2);
    assert.deepEqual(await told(one, member(1, { left: 0 })), [2, 3, 4, 5].map(peerId));
    await two.leave('a', peerId(4), member(4).externalIp);
    assert.equal(await comeAgain(1, 2, 3), 3);
    assert.deepEqual(await told(one, member(1, { left: 0 })), [2, 3, 5].map(peerId));
  });

  test('who comes again by another cloud stays in the copy of this one', async (t) => {
    const { clock, one, two } = await twoClouds(t);
    for (const n of [1, 2, 3]) await one.join('a', member(n, { left: 0 }), 9);
    for (let time = 0; time < 600_000; time += 20_000) {
      clock.advance(20_000);
      await two.join('a', member(3, { left: 0 }), 9);
      await two.stats();
      for (const n of [1, 2]) await one.join('a', member(n, { left: 0 }), 9);
      await one.stats();
      assert.deepEqual(await told(one, member(1, { left: 0 })), [2, 3].map(peerId), `${time}`);
    }
  });

  test('whom a copy answered is kept like anybody', async (t) => {
    const { clock, one: registry } = await twoClouds(t);
    for (const n of [1, 2, 3]) await registry.join('a', member(n), 9);
    // Told to come back in five seconds, it is kept for 12.5.
    clock.advance(4_000);
    await registry.join('a', member(1), 9);
    clock.advance(12_500);
    assert.deepEqual(await told(registry, member(9)), [peerId(1)]);
    clock.advance(1);
    assert.deepEqual(await told(registry, member(9)), []);
  });

  test('what a peer says that is new is answered by the copy, and comes to the store', async (t) => {
    const { store, one, two } = await twoClouds(t);
    for (const n of [1, 2, 3]) await one.join('a', member(n), 9);
    const far = { externalIp: '198.51.100.2' };
    for (const n of [4, 5]) await one.join('a', member(n, { ...far, scope: 3 }), 9);
    for (const [n, facts] of [
      [1, { left: 7, port: 7001 }],
      [4, { ...far, scope: 3, left: 8 }],
    ] as const) {
      const reply = one.join('a', member(n, facts), 9);
      assert.ok(!(reply instanceof Promise), 'by the copy');
    }
    const { Peers } = await one.join('a', member(2), 9);
    assert.deepEqual(Peers.map((p) => [p.Left, p.Port]).sort(), [
      [100, 7680],
      [7, 7001],
    ]);
    await one.stats();
    const newcomer = await two.join('a', member(9, { ...far, scope: 3 }), 9);
    assert.deepEqual(newcomer.Peers.map((p) => [p.PeerId, p.Left]).sort(), [
      [peerId(4), 8],
      [peerId(5), 100],
    ]);
    const near = await two.join('a', member(8), 9);
    assert.deepEqual(near.Peers.map((p) => [p.PeerId, p.Left]).sort(), [
      [peerId(1), 7],
      [peerId(2), 100],
      [peerId(3), 100],
    ]);
    for (const key of await store.keys('*')) assert.ok((await store.pttl(key)) > 0, key);
  });

  test('keys of a swarm that is answered from copies do not end', async (t) => {
    const { clock, store, one: registry } = await twoClouds(t);
    for (const n of [1, 2, 3]) await registry.join('a', member(n, { left: 0 }), 9);
    for (const key of await store.keys('*')) await store.pexpire(key, 1_000_000);
    for (let time = 0; time < 300_000; time += 20_000) {
      clock.advance(20_000);
      for (const n of [1, 2, 3]) {
        const reply = registry.join('a', member(n, { left: 0 }), 9);
        assert.ok(!(reply instanceof Promise), 'by the copy');
      }
      // Until then it has been made anew.
      await registry.stats();
    }
    const keys = await store.keys('*');
    assert.equal(keys.length, 3);
    for (const key of keys) assert.ok((await store.pttl(key)) <= 900_000, key);
  });

  test('a store that is away for a moment: who is in a copy is answered', async (t) => {
    let server = await startValkey();
    t.after(() => server.stop());
    const store = await openValkey(server.url);
    t.after(() => store.disconnect());
    const clock = new ManualClock();
    const options = { clock, random: seededRandom(1), now: () => clock.now() };
    const registry = new ValkeySwarmRegistry(store, options);
    for (const n of [1, 2, 3]) await registry.join('a', member(n), 9);
    await server.stop();
    await registry.join('a', member(1), 9);
    await registry.stats().catch(() => {});
    assert.deepEqual(await told(registry, member(1)), [2, 3].map(peerId));
    server = await startValkey(server.port);
    await new Promise((resolve) => store.once('ready', resolve));
    await registry.join('a', member(1), 9);
    await registry.stats();
    assert.equal((await registry.stats()).peers, 1, 'it was lost, and is there again');
  });

  test('who left by another cloud is not entered again by one that had a copy', async (t) => {
    const { one, two } = await twoClouds(t);
    for (const n of [1, 2, 3]) await one.join('a', member(n), 9);
    await one.join('a', member(1), 9);
    assert.equal(await two.leave('a', peerId(1), member(1).externalIp), true);
    assert.equal((await one.stats()).peers, 2);
    // The copy is given up: it is at the store again when it comes again.
    assert.deepEqual(await told(one, member(1)), [2, 3].map(peerId));
    assert.equal((await one.stats()).peers, 3);
  });

  test('who is answered by copies of two clouds is at an emptied store again after one join', async (t) => {
    const { clock, store, one, two } = await twoClouds(t);
    for (const cloud of [one, two]) {
      for (const n of [1, 2, 3, 4]) await cloud.join('a', member(n), 9);
    }
    await store.flushall();
    clock.advance(1);
    for (const [cloud, n] of [
      [one, 1],
      [two, 3],
      [one, 2],
      [two, 4],
    ] as const) {
      const reply = cloud.join('a', member(n), 9);
      if (n % 2) assert.ok(!(reply instanceof Promise), 'by the copy');
      await reply;
      await cloud.stats();
    }
    assert.equal((await one.stats()).peers, 4);
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
    await assert.rejects(told(registry, member(2)), (e) => isSluiceError(e, 'StoreUnavailable'));
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
