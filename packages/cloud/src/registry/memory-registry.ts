import type { Clock } from '@sluice/protocol';
import { ExpiryQueue } from './expiry-queue.ts';
import { emptyAnswer, JoinAnswer } from './join-answer.ts';
import { joinInterval, keepAlive } from './join-interval.ts';
import { JoinPace } from './join-pace.ts';
import { Member } from './member.ts';
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
  /** In the order of their last joins. */
  readonly #swarms = new Map<string, Swarm>();
  readonly #expiry = new ExpiryQueue();
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #limits: RegistryLimits;
  readonly #pace: JoinPace;
  #peers = 0;

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
    const before = this.#swarms.get(swarmId)?.members.get(facts.peerId);
    if (!hasPeers(facts.scope)) {
      if (before) this.#remove(before);
      return emptyAnswer();
    }
    const site = siteOf(facts.externalIp);
    if (!before) this.#makeRoom(swarmId);
    const swarm = this.#touch(swarmId, now);
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

  /** Room for one more member of a swarm, which need not exist yet. */
  #makeRoom(swarmId: string): void {
    const swarm = this.#swarms.get(swarmId);
    if (swarm && swarm.members.size >= this.#limits.peersPerSwarm) {
      this.#remove(swarm.oldest()!);
    }
    if (!swarm && this.#swarms.size >= this.#limits.swarms) {
      for (const member of first(this.#swarms).members.values()) this.#remove(member);
    }
    if (this.#peers >= this.#limits.peers) this.#remove(this.#expiry.oldest()!);
  }

  /** The swarm, from now on as the one joined last. */
  #touch(swarmId: string, now: number): Swarm {
    const swarm = this.#swarms.get(swarmId) ?? new Swarm(swarmId, now);
    this.#swarms.delete(swarmId);
    this.#swarms.set(swarmId, swarm);
    return swarm;
  }

  #remove(member: Member): void {
    const { swarm } = member;
    swarm.remove(member);
    this.#expiry.remove(member);
    this.#peers--;
    if (swarm.members.size === 0) this.#swarms.delete(swarm.id);
  }
}

function first<V>(map: Map<string, V>): V {
  return map.values().next().value!;
}
