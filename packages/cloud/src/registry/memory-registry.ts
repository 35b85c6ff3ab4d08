import type { Clock } from '@sluice/protocol';
import { emptyAnswer, JoinAnswer } from './join-answer.ts';
import { joinInterval, keepAlive } from './join-interval.ts';
import { JoinPace } from './join-pace.ts';
import { Oldest } from './oldest.ts';
import { siteOf } from './site.ts';
import { hasPeers, Swarm, seedsFor } from './swarm.ts';
import {
  defaultPeersPerSwarm,
  type RegistryLimits,
  type SwarmMember,
  type SwarmRegistry,
} from './swarm-registry.ts';
import { TextMap } from './text-map.ts';

/** About 330 MB when full. */
const defaultLimits: RegistryLimits = {
  swarms: 100_000,
  peersPerSwarm: defaultPeersPerSwarm,
  peers: 1_000_000,
};
/** After so many joins one more swarm, in turn, is looked after that nobody may ask for any more. */
const lookAfter = 8;

/** The swarm registry of a single cloud process. Every operation but `stats` is O(peers told), amortised. */
export class MemorySwarmRegistry implements SwarmRegistry {
  /** Of swarms, by their last joins, and by those of their oldest members. */
  readonly #oldest = new Oldest<Swarm>();
  readonly #withOldest = new Oldest<Swarm>();
  readonly #swarms = new TextMap<Swarm>(idOf);
  #turn = this.#swarms.values();
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #limits: RegistryLimits;
  readonly #pace: JoinPace;
  #peers = 0;
  #joins = 0;

  constructor(options: {
    clock: Clock;
    random: () => number;
    limits?: RegistryLimits;
    pace?: JoinPace;
  }) {
    this.#clock = options.clock;
    this.#pace = options.pace ?? new JoinPace();
    this.#random = options.random;
    this.#limits = options.limits ?? defaultLimits;
  }

  join(swarmId: string, facts: SwarmMember, wanted: number): JoinAnswer {
    const now = this.#clock.now();
    if (this.#joins++ % lookAfter === 0) this.#expireNext(now);
    const known = this.#swarm(swarmId, now);
    const before = known?.find(facts.peerId) ?? -1;
    if (!hasPeers(facts.scope)) {
      if (known && before >= 0) this.#remove(known, before);
      return emptyAnswer();
    }
    const site = siteOf(facts.externalIp);
    const isNew = !known || before < 0;
    const swarm = isNew ? this.#withRoom(swarmId, now) : known;
    const member = isNew ? swarm.add(facts, site) : before;
    swarm.joinedAt = this.#joins;
    if (isNew) this.#peers++;
    else {
      swarm.awaitNoMore(member);
      swarm.refresh(member, facts, site);
    }
    const age = { ageMs: now - swarm.createdAt, size: swarm.size };
    const interval = this.#pace.joined(now) * joinInterval(age, facts.left);
    swarm.await(member, now, keepAlive(interval));
    const seeds = isNew ? seedsFor(facts.left, wanted) : 0;
    const peers = swarm.peersFor(member, { wanted, seeds }, this.#random);
    return new JoinAnswer(peers, interval, swarm.fetchesForSite(member));
  }

  async leave(swarmId: string, peerId: string, externalIp: string): Promise<boolean> {
    const swarm = this.#swarm(swarmId, this.#clock.now());
    const member = swarm?.find(peerId) ?? -1;
    if (!swarm || member < 0 || !swarm.isFrom(member, externalIp)) return false;
    this.#remove(swarm, member);
    return true;
  }

  async stats(): Promise<{ swarms: number; peers: number }> {
    const now = this.#clock.now();
    for (const swarm of this.#swarms.values()) this.#expire(swarm, now);
    return { swarms: this.#swarms.size, peers: this.#peers };
  }

  /** The swarm, if anybody is in it. */
  #swarm(id: string, now: number): Swarm | undefined {
    const swarm = this.#swarms.get(id);
    if (swarm) this.#expire(swarm, now);
    return swarm && swarm.size > 0 ? swarm : undefined;
  }

  #expire(swarm: Swarm, now: number): void {
    for (let m = swarm.expired(now); m >= 0; m = swarm.expired(now)) {
      this.#remove(swarm, m);
    }
  }

  #expireNext(now: number): void {
    const { value } = this.#turn.next();
    if (value) this.#expire(value, now);
    else this.#turn = this.#swarms.values();
  }

  /** The swarm, which need not exist yet, with room for one more member. */
  #withRoom(swarmId: string, now: number): Swarm {
    const swarm = this.#swarms.get(swarmId);
    if (swarm && swarm.size >= this.#limits.peersPerSwarm) this.#removeOldest(swarm);
    if (!swarm && this.#swarms.size >= this.#limits.swarms) {
      const oldest = this.#oldest.of(this.#swarms, idOf, ({ joinedAt }) => joinedAt);
      while (oldest.size > 0) this.#remove(oldest, oldest.size - 1);
    }
    if (this.#peers >= this.#limits.peers) {
      const joinedAt = (swarm: Swarm) => swarm.longestAgo().joinedAt;
      this.#removeOldest(this.#withOldest.of(this.#swarms, idOf, joinedAt));
    }
    // Whoever made room may have been the last of it.
    const there = this.#swarms.get(swarmId);
    if (there) return there;
    const made = new Swarm(swarmId, now);
    this.#swarms.set(made);
    return made;
  }

  #removeOldest(swarm: Swarm): void {
    this.#remove(swarm, swarm.longestAgo().member);
  }

  #remove(swarm: Swarm, member: number): void {
    swarm.remove(member);
    this.#peers--;
    if (swarm.size === 0) this.#swarms.delete(swarm.id);
  }
}

function idOf({ id }: Swarm): string {
  return id;
}
