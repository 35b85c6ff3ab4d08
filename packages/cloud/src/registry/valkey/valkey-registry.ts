import { hash } from 'node:crypto';
import type { JoinReply, PeerEntry } from '@sluice/protocol';
import type { Cluster, Redis } from 'ioredis';
import { emptyReply, joinReply } from '../join-interval.ts';
import { siteOf } from '../site.ts';
import { hasPeers, isInGroup } from '../swarm.ts';
import { defaultPeersPerSwarm, type SwarmMember, type SwarmRegistry } from '../swarm-registry.ts';
import { answered } from './answered.ts';
import { joinScript, leaveScript } from './scripts.ts';

/** A connection that knows the two scripts. */
type Scripted = (Redis | Cluster) & {
  sluiceJoin(...args: (string | number)[]): Promise<string>;
  sluiceLeave(...args: (string | number)[]): Promise<number>;
};

/** Keys looked at in one step of a count. */
const scanCount = 1_000;

/**
 * The swarm registry of clouds that share a Valkey or Redis (7 or newer), single or a cluster. How many
 * peers it holds in all is for the store's `maxmemory` to bound: its keys expire, so `volatile-ttl` fits.
 */
export class ValkeySwarmRegistry implements SwarmRegistry {
  readonly #store: Scripted;
  readonly #now: () => number;
  readonly #random: () => number;

  /** @param options.now wall time in ms; the store's own when it is not given, one for all clouds. */
  constructor(
    store: Redis | Cluster,
    options: { random: () => number; now?: () => number; peersPerSwarm?: number },
  ) {
    const lua = joinScript(options.peersPerSwarm ?? defaultPeersPerSwarm);
    store.defineCommand('sluiceJoin', { numberOfKeys: 1, lua });
    store.defineCommand('sluiceLeave', { numberOfKeys: 1, lua: leaveScript });
    this.#store = store as Scripted;
    this.#random = options.random;
    this.#now = options.now ?? (() => -1);
  }

  async join(swarmId: string, member: SwarmMember, wanted: number): Promise<JoinReply> {
    const record = hasPeers(member.scope) ? recordOf(member) : '';
    const told = await answered(
      this.#store.sluiceJoin(
        tagOf(swarmId),
        this.#now(),
        member.peerId,
        record,
        wanted,
        Math.floor(this.#random() * 0x7fffffff),
      ),
    );
    if (told === '') return emptyReply();
    const [interval, fetches, lan, ...records] = told.split('\n');
    const reply = joinReply(peersOf(records, Number(lan), isInGroup(member)), Number(interval));
    return fetches === '1' ? reply : { ...reply, FetchesForSite: false };
  }

  async leave(swarmId: string, peerId: string, externalIp: string): Promise<boolean> {
    const args = [tagOf(swarmId), this.#now(), peerId, externalIp];
    return (await answered(this.#store.sluiceLeave(...args))) === 1;
  }

  stats(): Promise<{ swarms: number; peers: number }> {
    return answered(this.#count());
  }

  async close(): Promise<void> {
    await this.#store.quit().catch(() => this.#store.disconnect());
  }

  async #count(): Promise<{ swarms: number; peers: number }> {
    let swarms = 0;
    let peers = 0;
    for (const node of this.#nodes()) {
      for await (const keys of node.scanStream({ match: 'sluice:{*}x', count: scanCount })) {
        const sizes = await this.#sizes(node, keys);
        swarms += sizes.filter((size) => size > 0).length;
        peers += sizes.reduce((sum, size) => sum + size, 0);
      }
    }
    return { swarms, peers };
  }

  #nodes(): Redis[] {
    return 'nodes' in this.#store ? this.#store.nodes('master') : [this.#store];
  }

  /** How many in each have not expired. */
  async #sizes(node: Redis, keys: string[]): Promise<number[]> {
    const now = this.#now() < 0 ? wallMs(await node.time()) : this.#now();
    return Promise.all(keys.map((key) => node.zcount(key, now, '+inf')));
  }
}

/** All keys of a swarm begin so; whatever is in its id, this is short and harmless. */
function tagOf(swarmId: string): string {
  return `sluice:{${hash('sha256', swarmId, 'base64url').slice(0, 22)}}`;
}

/** The fields are numbers, hex digits and addresses: none holds a `|`. */
function recordOf(member: SwarmMember): string {
  const group = isInGroup(member) ? member.groupKey : '';
  const { peerId, scope, externalIp, localIp = '', port, left, restrictedUpload } = member;
  const site = siteOf(externalIp);
  return `${peerId}|${scope}|${site}|${group}|${externalIp}|${localIp}|${port}|${left}|${restrictedUpload ? 1 : 0}`;
}

/** @param lan how many of the first are on the asker's site */
function peersOf(records: string[], lan: number, inGroup: boolean): PeerEntry[] {
  return records.map((record, i) => {
    const [PeerId, , , , externalIp, localIp, port, left] = record.split('|');
    const Type = i < lan ? 'LAN' : inGroup ? 'Group' : 'Internet';
    const Ip = (Type === 'Internet' ? '' : localIp) || externalIp!;
    return { PeerId: PeerId!, Ip, Port: Number(port), Type, Left: Number(left) };
  });
}

function wallMs([seconds, micros]: [number, number] | number[]): number {
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
}
