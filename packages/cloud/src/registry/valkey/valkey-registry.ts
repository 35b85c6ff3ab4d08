import type { Clock } from '@sluice/protocol';
import type { Cluster, Redis } from 'ioredis';
import { emptyAnswer, JoinAnswer } from '../join-answer.ts';
import { joinInterval, keepAlive } from '../join-interval.ts';
import { JoinPace } from '../join-pace.ts';
import { hasPeers, isInGroup } from '../swarm.ts';
import { defaultPeersPerSwarm, type SwarmMember, type SwarmRegistry } from '../swarm-registry.ts';
import { answered } from './answered.ts';
import { loadedOf, memberKeys, peersOf, recordOf, tagOf } from './records.ts';
import { type Renewal, Renewals, type Renewing } from './renewals.ts';
import { copyScript, countScript, joinScript, leaveScript, renewScript } from './scripts.ts';
import { type Copied, SwarmCopies } from './swarm-copies.ts';

/** A connection that knows the scripts. */
type Scripted = Renewing & {
  sluiceJoin(...args: (string | number)[]): Promise<string>;
  sluiceLeave(...args: (string | number)[]): Promise<number>;
  sluiceCopy(...args: (string | number)[]): Promise<string>;
  sluiceCount(tag: string, now: number): Promise<number>;
};

/** Keys looked at in one step of a count. */
const scanCount = 1_000;

/**
 * The swarm registry of clouds that share a Valkey or Redis (7 or newer), single or a cluster. How many
 * peers it holds in all is for the store's `maxmemory` to bound: its keys expire, so `volatile-ttl` fits.
 */
export class ValkeySwarmRegistry implements SwarmRegistry {
  readonly #store: Scripted;
  readonly #clock: Clock;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #most: number;
  readonly #pace: JoinPace;
  readonly #copies = new SwarmCopies();
  readonly #renewals: Renewals;

  /** @param options.now wall time in ms; the store's own when it is not given, one for all clouds. */
  constructor(
    store: Redis | Cluster,
    options: {
      clock: Clock;
      random: () => number;
      now?: () => number;
      peersPerSwarm?: number;
      pace?: JoinPace;
    },
  ) {
    this.#most = options.peersPerSwarm ?? defaultPeersPerSwarm;
    store.defineCommand('sluiceJoin', { numberOfKeys: 1, lua: joinScript(this.#most) });
    store.defineCommand('sluiceLeave', { numberOfKeys: 1, lua: leaveScript });
    store.defineCommand('sluiceCopy', { numberOfKeys: 1, lua: copyScript });
    store.defineCommand('sluiceCount', { numberOfKeys: 1, lua: countScript });
    store.defineCommand('sluiceRenew', { lua: renewScript });
    this.#store = store as Scripted;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#now = options.now ?? (() => -1);
    this.#pace = options.pace ?? new JoinPace();
    this.#renewals = new Renewals(this.#store, this.#clock, this.#now, (renewal, isOther) =>
      this.#lost(renewal, isOther),
    );
  }

  join(swarmId: string, said: SwarmMember, wanted: number): JoinAnswer | Promise<JoinAnswer> {
    // As the store keeps it.
    const isPlain = said.groupKey === undefined || isInGroup(said);
    const member = isPlain ? said : { ...said, groupKey: undefined };
    const now = this.#clock.now();
    const stretch = this.#pace.joined(now);
    const copied = this.#copies.of(swarmId, member, now);
    if (copied) return this.#joinAtCopy(copied, swarmId, member, { wanted, stretch, now });
    return this.#joinAtStore(swarmId, member, wanted, stretch);
  }

  #joinAtCopy(
    copied: Copied,
    swarmId: string,
    member: SwarmMember,
    { wanted, stretch, now }: { wanted: number; stretch: number; now: number },
  ): JoinAnswer {
    const { entry, swarm, tag } = copied;
    const age = { ageMs: now - swarm.createdAt, size: swarm.size };
    const interval = stretch * joinInterval(age, member.left);
    const keepAliveMs = keepAlive(interval);
    const record = this.#copies.renewed(copied, member, keepAliveMs, now) ? recordOf(member) : '';
    const { madeAt } = entry;
    this.#renewals.add({ swarmId, tag, madeAt, member, record, keepAliveMs, stretch, at: now });
    if (this.#copies.ages(copied, now)) {
      void this.#copy(swarmId, tag).catch(() => {
        // The old one is used until it is of no use any more.
      });
    }
    const peers = swarm.peersFor(copied.member, { wanted, seeds: 0 }, this.#random);
    return new JoinAnswer(peers, interval, swarm.fetching(copied.member) !== false);
  }

  /** A peer that was answered from a copy is not at the store. */
  async #lost({ swarmId, member, stretch }: Renewal, isOther: boolean): Promise<void> {
    this.#copies.drop(swarmId);
    // Of a swarm that is still there it left, or it made room for somebody, by another cloud.
    if (!isOther) return;
    await this.#joinAtStore(swarmId, member, 0, stretch).catch(() => {
      // It is entered when it comes again.
    });
  }

  async #joinAtStore(
    swarmId: string,
    member: SwarmMember,
    wanted: number,
    stretch: number,
  ): Promise<JoinAnswer> {
    const record = hasPeers(member.scope) ? recordOf(member) : '';
    const seed = Math.floor(this.#random() * 0x7fffffff);
    const { peerId } = member;
    const tag = tagOf(swarmId);
    const args = [tag, this.#now(), peerId, record, wanted, seed, stretch];
    void this.#renewals.flush();
    const joined = answered(this.#store.sluiceJoin(...args));
    // Right behind: it has this join in it, and none that came after.
    const isWorthwhile = this.#copies.asks(swarmId, tag, this.#clock.now());
    const copied = isWorthwhile ? this.#copy(swarmId, tag) : undefined;
    const [told] = await Promise.all([joined, copied]);
    if (told === '') {
      this.#copies.left(swarmId, peerId);
      return emptyAnswer();
    }
    const [intervalText, fetchesText, lan, before, after, ...records] = told.split('\n');
    const interval = Number(intervalText);
    const fetches = fetchesText === '1';
    if (!copied) {
      const keepAliveMs = keepAlive(interval);
      const outcome = { fetches, keepAliveMs, most: this.#most, before: before!, after: after! };
      this.#copies.joined(swarmId, member, outcome, this.#clock.now());
    }
    return new JoinAnswer(peersOf(records, Number(lan), isInGroup(member)), interval, fetches);
  }

  async #copy(swarmId: string, tag: string): Promise<void> {
    void this.#renewals.flush();
    const since = this.#clock.now();
    const known = this.#copies.versionOf(swarmId);
    const text = await answered(this.#store.sluiceCopy(tag, this.#now(), known));
    if (text === '') {
      this.#copies.tooLarge(swarmId, since);
      return;
    }
    const [version, now, madeAt, ...lines] = text.split('\n') as [string, ...string[]];
    if (now === undefined || madeAt === undefined) {
      this.#copies.same(swarmId, since);
      return;
    }
    const members = lines.map((line) => loadedOf(line, Number(now)));
    const createdAgoMs = Number(now) - Number(madeAt);
    this.#copies.put(swarmId, { version, madeAt, createdAgoMs, members }, since);
  }

  async leave(swarmId: string, peerId: string, externalIp: string): Promise<boolean> {
    const args = [tagOf(swarmId), this.#now(), peerId, externalIp];
    void this.#renewals.flush();
    const wasThere = (await answered(this.#store.sluiceLeave(...args))) === 1;
    if (wasThere) this.#copies.left(swarmId, peerId);
    return wasThere;
  }

  async stats(): Promise<{ swarms: number; peers: number }> {
    await this.#renewals.flush();
    return answered(this.#count());
  }

  async close(): Promise<void> {
    await this.#renewals.flush();
    await this.#store.quit().catch(() => this.#store.disconnect());
  }

  async #count(): Promise<{ swarms: number; peers: number }> {
    let swarms = 0;
    let peers = 0;
    for (const node of this.#nodes()) {
      for await (const keys of node.scanStream({ match: memberKeys, count: scanCount })) {
        const counted = keys.map((key: string) =>
          this.#store.sluiceCount(key.slice(0, -1), this.#now()),
        );
        const sizes = await Promise.all(counted);
        swarms += sizes.filter((size) => size > 0).length;
        peers += sizes.reduce((sum, size) => sum + size, 0);
      }
    }
    return { swarms, peers };
  }

  #nodes(): Redis[] {
    return 'nodes' in this.#store ? this.#store.nodes('master') : [this.#store];
  }
}
