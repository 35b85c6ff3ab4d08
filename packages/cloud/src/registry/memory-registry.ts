import type { Clock } from '@sluice/protocol';
import { ExpiryQueue } from './expiry-queue.ts';
import { emptyAnswer, JoinAnswer } from './join-answer.ts';
import { joinInterval, keepAlive } from './join-interval.ts';
import { JoinPace } from './join-pace.ts';
import { Member } from './member.ts';
import { Oldest } from './oldest.ts';
import { siteOf } from './site.ts';
import { hasPeers, Swarm, seedsFor } from './swarm.ts';
import {
  defaultPeersPerSwarm,
  type RegistryLimits,
  type SwarmMember,
  type SwarmRegistry,
} from './swarm-registry.ts';

/** About 400 MB when full. */
const defaultLimits: RegistryLimits = {
  swarms: 100_000,
  peersPerSwarm: defaultPeersPerSwarm,
  peers: 1_000_000,
};

/** The swarm registry of a single cloud process. Every operation is O(peers told), amortised. */
export class MemorySwarmRegistry implements SwarmRegistry {
  readonly #oldest = new Oldest<Swarm>();
  readonly #swarms = new Map<string, Swarm>();
  readonly #expiry = new ExpiryQueue();
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
    // Whole: a number with a fraction is an object more for each member.
    const now = Math.floor(this.#clock.now());
    this.#expire(now);
    const known = this.#swarms.get(swarmId);
    const before = known?.members.get(facts.peerId);
    if (!hasPeers(facts.scope)) {
      if (before) this.#remove(before);
      return emptyAnswer();
    }
    const site = siteOf(facts.externalIp);
    const swarm = known && before ? known : this.#withRoom(swarmId, now);
    swarm.joinedAt = ++this.#joins;
    const member = before ?? new Member(swarm, facts, site);
    if (before) {
      this.#expiry.remove(before);
      swarm.refresh(before, facts, site);
    } else {
      swarm.add(member);
      this.#peers++;
    }
    const age = { ageMs: now - swarm.createdAt, size: swarm.members.size };
    const interval = this.#pace.joined(now) * joinInterval(age, facts.left);
    this.#expiry.add(member, now, keepAlive(interval));
    const seeds = before ? 0 : seedsFor(facts.left, wanted);
    const peers = swarm.peersFor(member, { wanted, seeds }, this.#random);
    return new JoinAnswer(peers, interval, swarm.fetchesForSite(member));
  }

  async leave(swarmId: string, peerId: string, externalIp: string): Promise<boolean> {
    const member = this.#swarms.get(swarmId)?.members.get(peerId);
    if (!member || member.externalIp !== externalIp) return false;
    this.#remove(member);
    return true;
  }

  async stats(): Promise<{ swarms: number; peers: number }> {
    this.#expire(Math.floor(this.#clock.now()));
    return { swarms: this.#swarms.size, peers: this.#peers };
  }

  #expire(now: number): void {
    for (let m = this.#expiry.expired(now); m; m = this.#expiry.expired(now)) this.#remove(m);
  }

  /** The swarm, which need not exist yet, with room for one more member. */
  #withRoom(swarmId: string, now: number): Swarm {
    const swarm = this.#swarms.get(swarmId);
    if (swarm && swarm.members.size >= this.#limits.peersPerSwarm) this.#remove(swarm.oldest());
    if (!swarm && this.#swarms.size >= this.#limits.swarms) {
      const oldest = this.#oldest.of(this.#swarms, ({ id }) => id);
      for (const member of oldest.members.values()) this.#remove(member);
    }
    if (this.#peers >= this.#limits.peers) this.#remove(this.#expiry.oldest()!);
    // Whoever made room may have been the last of it.
    const there = this.#swarms.get(swarmId);
    if (there) return there;
    const made = new Swarm(swarmId, now);
    this.#swarms.set(swarmId, made);
    return made;
  }

  #remove(member: Member): void {
    const { swarm } = member;
    swarm.remove(member);
    this.#expiry.remove(member);
    this.#peers--;
    if (swarm.members.size === 0) this.#swarms.delete(swarm.id);
  }
}
