import type { SwarmMember, SwarmRegistry } from './swarm-registry.ts';

/** A peer id that ends in `n`. */
export function peerId(n: number): string {
  return n.toString(16).padStart(40, '0');
}

/** A leecher in LAN mode on the site 198.51.100.1, except for what `facts` says. */
export function member(n: number, facts: Partial<SwarmMember> = {}): SwarmMember {
  return {
    peerId: peerId(n),
    externalIp: '198.51.100.1',
    localIp: `10.0.0.${n % 250}`,
    port: 7680,
    left: 100,
    scope: 1,
    groupKey: undefined,
    ...facts,
  };
}

/** The ids of those a member is told that joins. */
export async function told(
  registry: SwarmRegistry,
  m: SwarmMember,
  swarm = 'a',
  wanted = 50,
): Promise<string[]> {
  return (await registry.join(swarm, m, wanted)).Peers.map((p) => p.PeerId).sort();
}
