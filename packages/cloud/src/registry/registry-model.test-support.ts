import type { PeerEntry } from '@sluice/protocol';
import { siteOf } from './site.ts';
import type { SwarmMember } from './swarm-registry.ts';

interface Known {
  member: SwarmMember;
  expiresAt: number;
}

/** What a swarm registry must do, written as plainly as possible: lists and scans. */
export class RegistryModel {
  readonly #swarms = new Map<string, Map<string, Known>>();

  join(swarmId: string, member: SwarmMember, expiresAt: number): void {
    this.forget(swarmId, member.peerId);
    if (![1, 2, 3].includes(member.scope)) return;
    const swarm = this.#swarms.get(swarmId) ?? new Map<string, Known>();
    this.#swarms.set(swarmId, swarm);
    swarm.set(member.peerId, { member, expiresAt });
  }

  leave(swarmId: string, peerId: string, externalIp: string, now: number): boolean {
    const known = this.#swarms.get(swarmId)?.get(peerId);
    if (!known || known.expiresAt < now || known.member.externalIp !== externalIp) return false;
    return this.forget(swarmId, peerId);
  }

  forget(swarmId: string, peerId: string): boolean {
    return this.#swarms.get(swarmId)?.delete(peerId) ?? false;
  }

  /** All that `asker` may be told at `now`, by peer id. */
  allowed(swarmId: string, asker: SwarmMember, now: number): Map<string, PeerEntry> {
    const peers = new Map<string, PeerEntry>();
    for (const { member, expiresAt } of this.#swarms.get(swarmId)?.values() ?? []) {
      const type = expiresAt >= now ? classOf(asker, member) : undefined;
      if (type) {
        peers.set(member.peerId, {
          PeerId: member.peerId,
          Ip: type === 'Internet' ? member.externalIp : (member.localIp ?? member.externalIp),
          Port: member.port,
          Type: type,
          Left: member.left,
        });
      }
    }
    return peers;
  }

  count(now: number): number {
    const all = [...this.#swarms.values()].flatMap((swarm) => [...swarm.values()]);
    return all.filter((known) => known.expiresAt >= now).length;
  }
}

function classOf(asker: SwarmMember, other: SwarmMember): PeerEntry['Type'] | undefined {
  if (asker.peerId === other.peerId || ![1, 2, 3].includes(asker.scope)) return undefined;
  if (siteOf(asker.externalIp) === siteOf(other.externalIp)) return 'LAN';
  if (asker.scope === 2 && other.scope === 2 && asker.groupKey === other.groupKey) {
    return asker.groupKey === undefined ? undefined : 'Group';
  }
  return asker.scope === 3 && other.scope === 3 ? 'Internet' : undefined;
}
