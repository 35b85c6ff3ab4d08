import { systemClock } from '../src/clock/system-clock.ts';
import { joinRules } from '../src/registry/join-interval.ts';
import { JoinPace } from '../src/registry/join-pace.ts';
import { MemorySwarmRegistry } from '../src/registry/memory-registry.ts';
import type { SwarmRegistry } from '../src/registry/swarm-registry.ts';
import { openValkey } from '../src/registry/valkey/open-valkey.ts';
import { ValkeySwarmRegistry } from '../src/registry/valkey/valkey-registry.ts';
import { isSeed, loopbackMember, swarmAt } from './fleet.ts';

/** Joins that are under way at once. */
const atOnce = 500;

/**
 * Fills a registry with peers, as if they had come over loopback, in swarms of a hundred that are not young any more:
 * so they are kept for two and a half minutes, until which they must have come again, or all be over.
 * @param swarmStore URL; without it the registry is in memory
 * @returns the one in memory
 */
export async function filledRegistry(
  peers: number,
  swarmStore: string | undefined,
): Promise<SwarmRegistry | undefined> {
  let earlier: number = joinRules.youngMs;
  const now = () => systemClock.now() - earlier;
  // So many come at once only here.
  const pace = new JoinPace(Number.POSITIVE_INFINITY);
  const options = { clock: { ...systemClock, now }, random: Math.random, pace };
  const registry = swarmStore
    ? new ValkeySwarmRegistry(await openValkey(swarmStore), {
        ...options,
        now: () => Date.now() - earlier,
      })
    : new MemorySwarmRegistry(options);
  const swarms = swarmsOf(peers);
  const startedAt = performance.now();
  // A swarm is as old as its first member, and a seed stays long enough: others do where the swarm is not small any more.
  const firsts = Array.from({ length: swarms }, (_, swarm) => 3 * Math.ceil((50 * swarm) / 3));
  await joinAll(registry, firsts, swarms);
  earlier = 0;
  const all = Array.from({ length: peers }, (_, n) => n);
  await joinAll(registry, all.filter(isSeed), swarms);
  await joinAll(
    registry,
    all.filter((n) => !isSeed(n)),
    swarms,
  );
  const stats = await registry.stats();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const rss = Math.round(process.memoryUsage.rss() / 1e6);
  console.log(
    `filled with ${stats.peers} peers in ${stats.swarms} swarms in ${seconds} s, RSS ${rss} MB`,
  );
  if (registry instanceof MemorySwarmRegistry) return registry;
  await registry.close();
  return undefined;
}

export function swarmsOf(peers: number): number {
  return Math.max(1, Math.round(peers / 100));
}

async function joinAll(registry: SwarmRegistry, devices: Iterable<number>, swarms: number) {
  let underWay: unknown[] = [];
  for (const n of devices) {
    // Through JSON, so that the strings are the ones a request would bring.
    const member = JSON.parse(JSON.stringify(loopbackMember(n)));
    // As a cloud names the swarm of a ContentId.
    underWay.push(registry.join(`id:${swarmAt(n, swarms)}`, member, 0));
    if (underWay.length < atOnce) continue;
    await Promise.all(underWay);
    underWay = [];
  }
  await Promise.all(underWay);
}
