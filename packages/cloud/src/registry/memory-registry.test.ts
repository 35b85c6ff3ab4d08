import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, seededRandom } from '@sluice/protocol';
import { MemorySwarmRegistry } from './memory-registry.ts';
import { swarmRegistryContract } from './registry-contract.test-support.ts';
import { member, peerId, told } from './registry-members.test-support.ts';
import type { RegistryLimits } from './swarm-registry.ts';

const unlimited: RegistryLimits = { swarms: 1_000, peersPerSwarm: 1_000, peers: 1_000 };

swarmRegistryContract('memory', async ({ clock, random, peersPerSwarm }) => {
  const limits = { ...unlimited, ...(peersPerSwarm !== undefined && { peersPerSwarm }) };
  return new MemorySwarmRegistry({ clock, random, limits });
});

function limited(limits: RegistryLimits) {
  const clock = new ManualClock();
  return { clock, registry: new MemorySwarmRegistry({ clock, random: seededRandom(1), limits }) };
}

test('full: the oldest peer and the oldest swarm make room', async () => {
  const { registry, clock } = limited({ swarms: 2, peersPerSwarm: 3, peers: 4 });
  for (const n of [1, 2, 3, 1, 4]) {
    await registry.join('a', member(n), 0);
    clock.advance(1);
  }
  assert.deepEqual(await told(registry, member(1)), [peerId(3), peerId(4)]);
  await registry.join('b', member(5), 0);
  assert.deepEqual(await registry.stats(), { swarms: 2, peers: 4 });
  await registry.join('b', member(6), 0);
  assert.deepEqual(await told(registry, member(1)), [peerId(4)]);
  await registry.join('c', member(7), 0);
  assert.deepEqual(await registry.stats(), { swarms: 2, peers: 3 });
  assert.deepEqual(await told(registry, member(8), 'a'), [peerId(1), peerId(4)]);
});

test('limits of one hold', async () => {
  const { registry } = limited({ swarms: 1, peersPerSwarm: 1, peers: 1 });
  for (const [swarm, n] of [
    ['a', 1],
    ['a', 2],
    ['b', 2],
    ['b', 2],
    ['a', 1],
  ] as const) {
    assert.deepEqual(await told(registry, member(n), swarm), []);
    assert.deepEqual(await registry.stats(), { swarms: 1, peers: 1 });
  }
});

/** Somebody of those there joins again, or `newcomer` does, for whom the first must go when there are `most`. */
function nextOf(there: Set<number>, most: number, newcomer: number, random: () => number): number {
  const again = random() < 0.5;
  const who = again && there.size > 0 ? [...there][Math.floor(random() * there.size)]! : newcomer;
  if (!there.delete(who) && there.size === most) there.delete(there.values().next().value!);
  there.add(who);
  return who;
}

test('a large swarm that is full: always who joined longest ago, whoever came again meanwhile', async () => {
  const { registry, clock } = limited({ swarms: 1, peersPerSwarm: 250, peers: 1_000 });
  const random = seededRandom(7);
  /** In the order of their last joins. */
  const there = new Set<number>();
  for (let n = 0; n < 1_000; n++) {
    const who = nextOf(there, 250, n, random);
    const { Peers } = registry.join('a', member(who, { left: 0 }), 250);
    assert.deepEqual(
      new Set(Peers.map((p) => p.PeerId)),
      new Set([...there].filter((other) => other !== who).map(peerId)),
    );
    clock.advance(1);
  }
});

test('a full registry: always who joined longest ago, in whichever swarm', async () => {
  const { registry, clock } = limited({ swarms: 400, peersPerSwarm: 250, peers: 500 });
  const random = seededRandom(7);
  const swarmOf = (n: number) => `${n % 300}`;
  /** In the order of their last joins. */
  const there = new Set<number>();
  for (let n = 0; n < 2_000; n++) {
    const who = nextOf(there, 500, n, random);
    const { Peers } = registry.join(swarmOf(who), member(who, { left: 0 }), 50);
    const others = [...there].filter((n) => n !== who && swarmOf(n) === swarmOf(who));
    assert.deepEqual(new Set(Peers.map((p) => p.PeerId)), new Set(others.map(peerId)));
    assert.equal((await registry.stats()).peers, there.size);
    clock.advance(1);
  }
});
