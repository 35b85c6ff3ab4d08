import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock, seededRandom } from '@sluice/protocol';
import fc from 'fast-check';
import { member, peerId, told } from './registry-members.test-support.ts';
import { RegistryModel } from './registry-model.test-support.ts';
import type { SwarmMember, SwarmRegistry } from './swarm-registry.ts';

/** Opens an empty registry. Everything it decides by time or chance goes by these. */
export type OpenRegistry = (options: {
  clock: ManualClock;
  random: () => number;
  peersPerSwarm?: number;
}) => Promise<SwarmRegistry>;

/** What every swarm registry must do, whatever it stores its swarms in. @param numRuns of the property */
export function swarmRegistryContract(name: string, open: OpenRegistry, numRuns = 200): void {
  const fresh = async (peersPerSwarm?: number) => {
    const clock = new ManualClock();
    const random = seededRandom(1);
    const most = peersPerSwarm === undefined ? {} : { peersPerSwarm };
    return { clock, registry: await open({ clock, random, ...most }) };
  };

  describe(`${name}: swarm registry contract`, () => {
    test('peers of one swarm are told of each other, with what they said', async () => {
      const { registry } = await fresh();
      assert.deepEqual(await told(registry, member(1, { left: 0, port: 7001 })), []);
      const { Peers } = await registry.join('a', member(2), 50);
      assert.deepEqual(Peers, [
        { PeerId: peerId(1), Ip: '10.0.0.1', Port: 7001, Type: 'LAN', Left: 0 },
      ]);
      assert.deepEqual(await told(registry, member(3), 'b'), []);
      assert.deepEqual(await registry.stats(), { swarms: 2, peers: 3 });
    });

    test('forty of a site fetch for it; a vacancy goes to who joins next', async () => {
      const { registry } = await fresh();
      const fetches = async (n: number, facts: Partial<SwarmMember> = {}) =>
        (await registry.join('a', member(n, facts), 0)).FetchesForSite ?? true;
      for (let n = 1; n <= 40; n++) assert.equal(await fetches(n), true, `${n}`);
      assert.equal(await fetches(41), false);
      assert.equal(await fetches(7), true, 'it did before');
      assert.equal(await fetches(42, { externalIp: '198.51.100.2' }), true, 'another site');
      assert.equal(await fetches(43, { left: 0 }), true, 'it lacks nothing');
      await registry.leave('a', peerId(3), '198.51.100.1');
      assert.equal(await fetches(41), true);
      assert.equal(await fetches(44), false);
      await fetches(5, { left: 0 });
      assert.equal(await fetches(44), true, 'who is complete needs to fetch no more');
    });

    test('a peer that joins again is updated in place', async () => {
      const { registry } = await fresh();
      await registry.join('a', member(1), 0);
      await registry.join('a', member(1, { left: 0, port: 9, externalIp: '198.51.100.2' }), 0);
      assert.deepEqual(await told(registry, member(2)), []);
      const { Peers } = await registry.join('a', member(3, { externalIp: '198.51.100.2' }), 50);
      assert.deepEqual([Peers[0]?.Left, Peers[0]?.Port], [0, 9]);
      assert.deepEqual(await registry.stats(), { swarms: 1, peers: 3 });
    });

    test('who may not upload is told of others, and not to them, until it may', async () => {
      const { registry } = await fresh();
      const group = { scope: 2, groupKey: 'g' };
      const elsewhere = { externalIp: '198.51.100.9' };
      for (const [swarm, near, far] of [
        ['lan', {}, {}],
        ['group', group, { ...group, ...elsewhere }],
        ['internet', { scope: 3 }, { scope: 3, ...elsewhere }],
      ] as const) {
        const restricted = member(1, { ...near, restrictedUpload: true });
        await registry.join(swarm, member(2, far), 0);
        assert.deepEqual(await told(registry, restricted, swarm), [peerId(2)], swarm);
        assert.deepEqual(await told(registry, member(2, far), swarm), [], swarm);
        await registry.join(swarm, member(1, near), 0);
        assert.deepEqual(await told(registry, member(2, far), swarm), [peerId(1)], swarm);
        await registry.join(swarm, restricted, 0);
        assert.deepEqual(await told(registry, member(2, far), swarm), [], swarm);
        assert.equal(await registry.leave(swarm, peerId(1), '198.51.100.1'), true);
      }
      assert.deepEqual(await registry.stats(), { swarms: 3, peers: 3 });
    });

    test('modes 0, 99 and unknown ones have no peers, and are nobody’s', async () => {
      const { registry } = await fresh();
      await registry.join('a', member(1), 0);
      for (const scope of [0, 99, 100, 4]) {
        assert.deepEqual(await told(registry, member(2, { scope })), []);
      }
      assert.deepEqual(await told(registry, member(3)), [peerId(1)]);
      await registry.join('a', member(1, { scope: 0 }), 0);
      assert.deepEqual(await told(registry, member(3)), []);
    });

    test('LAN comes first, then group; a peer that is both is LAN', async () => {
      const { registry } = await fresh();
      const away = { scope: 2, groupKey: 'g', externalIp: '203.0.113.9' };
      for (const n of [1, 2, 3]) await registry.join('a', member(n, away), 0);
      for (const n of [4, 5]) await registry.join('a', member(n, { scope: 2, groupKey: 'g' }), 0);
      const { Peers } = await registry.join('a', member(6, { scope: 2, groupKey: 'g' }), 4);
      assert.deepEqual(
        Peers.map((p) => p.Type),
        ['LAN', 'LAN', 'Group', 'Group'],
      );
    });

    test('Internet peers need mode 3 on both sides and are told by external address', async () => {
      const { registry } = await fresh();
      for (const scope of [1, 2, 3]) {
        await registry.join('a', member(scope, { scope, externalIp: `203.0.113.${scope}` }), 0);
      }
      const { Peers } = await registry.join('a', member(9, { scope: 3 }), 50);
      assert.deepEqual(
        Peers.map((p) => [p.PeerId, p.Ip, p.Type]),
        [[peerId(3), '203.0.113.3', 'Internet']],
      );
    });

    test('who does not come back within KeepAliveMs is forgotten, to the millisecond', async () => {
      const { registry, clock } = await fresh();
      const { KeepAliveMs, NextJoinTimeIntervalInMs } = await registry.join('a', member(1), 0);
      assert.equal(KeepAliveMs, 2.5 * NextJoinTimeIntervalInMs);
      clock.advance(KeepAliveMs);
      assert.deepEqual(await told(registry, member(2)), [peerId(1)]);
      clock.advance(1);
      assert.deepEqual(await told(registry, member(2)), []);
      assert.deepEqual(await registry.stats(), { swarms: 1, peers: 1 });
      clock.advance(1_000_000);
      assert.deepEqual(await registry.stats(), { swarms: 0, peers: 0 });
    });

    test('devices that start together are told to come back soon, seeds and old crowds later', async () => {
      const { registry, clock } = await fresh();
      const next = async (m: SwarmMember) =>
        (await registry.join('a', m, 0)).NextJoinTimeIntervalInMs;
      assert.equal(await next(member(0, { left: 0 })), 60_000);
      assert.equal(await next(member(1)), 5_000);
      clock.advance(60_000);
      assert.equal(await next(member(1)), 15_000);
      for (let n = 2; n < 10; n++) await registry.join('a', member(n), 0);
      assert.equal(await next(member(1)), 60_000);
    });

    test('leaving works only from the address of the join', async () => {
      const { registry } = await fresh();
      await registry.join('a', member(1), 0);
      assert.equal(await registry.leave('a', peerId(1), '203.0.113.1'), false);
      assert.equal(await registry.leave('b', peerId(1), '198.51.100.1'), false);
      assert.equal(await registry.leave('a', peerId(2), '198.51.100.1'), false);
      assert.deepEqual(await told(registry, member(2)), [peerId(1)]);
      assert.equal(await registry.leave('a', peerId(1), '198.51.100.1'), true);
      assert.deepEqual(await told(registry, member(2)), []);
    });

    test('a full swarm: who joined longest ago makes room', async () => {
      const { registry, clock } = await fresh(3);
      for (const n of [1, 2, 3, 1, 4]) {
        await registry.join('a', member(n), 0);
        clock.advance(1);
      }
      assert.deepEqual(await told(registry, member(1)), [peerId(3), peerId(4)]);
      await registry.join('b', member(5), 0);
      assert.deepEqual(await registry.stats(), { swarms: 2, peers: 4 });
    });

    test('a swarm of one', async () => {
      const { registry } = await fresh(1);
      for (const n of [1, 2, 2, 1]) {
        assert.deepEqual(await told(registry, member(n)), []);
        assert.deepEqual(await registry.stats(), { swarms: 1, peers: 1 });
      }
    });

    test('every member has the same chance, seed or not, whatever the order of joins', async () => {
      const { registry } = await fresh();
      const seen = new Map<string, number>();
      for (let n = 1; n <= 100; n++) await registry.join('a', member(n, { left: n % 10 }), 0);
      const asks = 5_000;
      for (let i = 0; i < asks; i++) {
        const peers = await told(registry, member(0), 'a', 10);
        assert.equal(new Set(peers).size, 10);
        for (const id of peers) seen.set(id, (seen.get(id) ?? 0) + 1);
      }
      // Binomial, mean 500, deviation 21: five deviations on either side.
      assert.equal(seen.size, 100);
      for (const [id, count] of seen)
        assert.ok(Math.abs(count - asks / 10) < 106, `${id} ${count}`);
    });

    test('a newcomer hears of some seeds first; who comes again, or lacks nothing, of anybody', async () => {
      const { registry } = await fresh();
      for (let n = 1; n <= 200; n++) {
        await registry.join('a', member(n, { scope: 3, left: n <= 3 ? 0 : 9 }), 0);
      }
      // One that was complete is so no more, and the other way round.
      await registry.join('a', member(3, { scope: 3, left: 1 }), 0);
      await registry.join('a', member(4, { scope: 3, left: 0 }), 0);
      const seeds = [1, 2, 4].map(peerId);
      const firstAreSeeds = async (m: SwarmMember, wanted: number, first: number) => {
        const ids = (await registry.join('a', m, wanted)).Peers.map((p) => p.PeerId);
        assert.equal(new Set(ids).size, wanted);
        return ids.slice(0, first).every((id) => seeds.includes(id));
      };
      for (const facts of [{}, { scope: 3, externalIp: '192.0.2.1' }]) {
        let byChance = 0;
        for (let n = 1001; n <= 1020; n++) {
          const newcomer = member(n, facts);
          assert.equal(await firstAreSeeds(newcomer, 10, 2), true);
          if (await firstAreSeeds(newcomer, 10, 2)) byChance++;
          await registry.leave('a', newcomer.peerId, newcomer.externalIp);
          assert.equal(await firstAreSeeds(newcomer, 50, 3), true);
          await registry.leave('a', newcomer.peerId, newcomer.externalIp);
          const seed = member(n, { ...facts, left: 0 });
          if (await firstAreSeeds(seed, 10, 2)) byChance++;
          await registry.leave('a', seed.peerId, seed.externalIp);
        }
        // One of 6,600 each time.
        assert.ok(byChance < 5, `${byChance}`);
      }
    });

    test('property: told are as many as wanted and allowed, of the right class, alive, never oneself', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step(), { maxLength: 80, size: 'max' }), async (steps) => {
          const { registry, clock } = await fresh();
          await checkAgainstModel(registry, clock, steps);
        }),
        { numRuns },
      );
    });
  });
}

type Step =
  | { kind: 'join'; swarm: string; member: SwarmMember; wanted: number }
  | { kind: 'leave'; swarm: string; n: number; externalIp: string }
  | { kind: 'advance'; ms: number };

function step(): fc.Arbitrary<Step> {
  const externalIp = fc.constantFrom('198.51.100.1', '203.0.113.1', '2001:db8::1', '2001:db8::2');
  const swarm = fc.constantFrom('a', 'b');
  const n = fc.nat(12);
  const facts = fc.record({
    externalIp,
    localIp: fc.constantFrom('10.0.0.1', undefined),
    left: fc.nat(2),
    scope: fc.constantFrom(0, 1, 2, 2, 3, 3, 99),
    groupKey: fc.constantFrom(undefined, 'g', 'h'),
  });
  const join = fc
    .record({ swarm, n, facts, wanted: fc.nat(6) })
    .map((r): Step => ({ kind: 'join', ...r, member: member(r.n, r.facts) }));
  const leave = fc.record({ kind: fc.constant('leave' as const), swarm, n, externalIp });
  const advance = fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(40_000) });
  return fc.oneof({ weight: 6, arbitrary: join }, leave, advance);
}

async function checkAgainstModel(registry: SwarmRegistry, clock: ManualClock, steps: Step[]) {
  const model = new RegistryModel();
  for (const s of steps) {
    const now = clock.now();
    if (s.kind === 'advance') clock.advance(s.ms);
    else if (s.kind === 'leave') {
      assert.equal(
        await registry.leave(s.swarm, peerId(s.n), s.externalIp),
        model.leave(s.swarm, peerId(s.n), s.externalIp, now),
      );
    } else {
      const allowed = model.allowed(s.swarm, s.member, now);
      const reply = await registry.join(s.swarm, s.member, s.wanted);
      model.join(s.swarm, s.member, now + reply.KeepAliveMs);
      assert.equal(reply.Peers.length, Math.min(s.wanted, allowed.size));
      assert.equal(new Set(reply.Peers.map((p) => p.PeerId)).size, reply.Peers.length);
      for (const peer of reply.Peers) assert.deepEqual(peer, allowed.get(peer.PeerId));
      const lan = [...allowed.values()].filter((p) => p.Type === 'LAN').length;
      const lanTold = reply.Peers.filter((p) => p.Type === 'LAN').length;
      assert.equal(lanTold, Math.min(lan, s.wanted));
    }
    assert.equal((await registry.stats()).peers, model.count(clock.now()));
  }
}
