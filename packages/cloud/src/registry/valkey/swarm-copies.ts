import { Member } from '../member.ts';
import { siteOf } from '../site.ts';
import { Swarm } from '../swarm.ts';
import type { SwarmMember } from '../swarm-registry.ts';

/** A copy is used for so long, ms: what other clouds changed meanwhile is not in it. */
const copyMs = 5_000;
/** A swarm is copied when it was asked for so often within that time: a copy costs as much as some answers. */
const worthwhile = 3;
/** Larger swarms are not copied. */
export const maxCopied = 256;
/** Members of all copies together; about 120 MB. */
const maxMembers = 300_000;
/** Swarms of which it is known how often they were asked for. */
const maxSwarms = 20_000;
/** A member that prolonged its keys so long ago has to do so again, ms; see `scripts.ts`. */
const prolongMs = 300_000;

interface Entry {
  /** Of the swarm at the store. */
  tag: string;
  asked: number;
  /** Until when it counts, local ms. */
  until: number;
  swarm: Swarm | undefined;
}

/** A member of a swarm as the store has it. Times are ms before or after now. */
export interface Loaded {
  facts: SwarmMember;
  fetches: boolean;
  expiresInMs: number;
  prolongedAgoMs: number;
}

/**
 * Copies of small swarms that are asked for often. Who comes again and says the same is answered from them: it knows
 * others already. Newcomers are always answered by the store, so those who start together find each other. What came
 * by this cloud is in its copies.
 */
export class SwarmCopies {
  readonly #entries = new Map<string, Entry>();
  #members = 0;

  /** The copy, if `facts` are what it has of this peer, and nothing of it is due at the store. */
  of(
    swarmId: string,
    facts: SwarmMember,
    now: number,
  ): { swarm: Swarm; member: Member; tag: string } | undefined {
    const { swarm, tag = '' } = this.#current(swarmId, now) ?? {};
    const member = swarm?.members.get(facts.peerId);
    if (!swarm || !member?.says(facts) || now - member.joinedAt >= prolongMs) return undefined;
    // The store decides who takes a place that is free.
    return swarm.fetching(member) === undefined ? undefined : { swarm, member, tag };
  }

  /** Notes that the store has to be asked. @returns whether a copy is worth it, to be told once */
  asks(swarmId: string, tag: string, now: number): boolean {
    const known = this.#current(swarmId, now);
    if (known) return !known.swarm && ++known.asked === worthwhile;
    this.#set(swarmId, { tag, asked: 1, until: now + copyMs, swarm: undefined });
    return false;
  }

  put(swarmId: string, createdAgoMs: number, members: readonly Loaded[], now: number): void {
    const { tag } = this.#entries.get(swarmId) ?? {};
    // It was given up meanwhile.
    if (tag === undefined) return;
    const swarm = new Swarm(swarmId, now - createdAgoMs);
    let until = now + copyMs;
    for (const { facts, fetches, expiresInMs, prolongedAgoMs } of members) {
      const member = new Member(swarm, facts, siteOf(facts.externalIp));
      member.joinedAt = now - prolongedAgoMs;
      swarm.add(member);
      if (fetches) swarm.fetchesForSite(member);
      until = Math.min(until, now + expiresInMs);
    }
    this.#set(swarmId, { tag, asked: 0, until, swarm });
  }

  /** A peer joined at the store. @param most peers of a swarm: with more the store has removed one */
  joined(
    swarmId: string,
    facts: SwarmMember,
    { fetches, keepAliveMs, most }: { fetches: boolean; keepAliveMs: number; most: number },
    now: number,
  ): void {
    const entry = this.#current(swarmId, now);
    if (!entry?.swarm) return;
    const { swarm } = entry;
    const site = siteOf(facts.externalIp);
    const before = swarm.members.get(facts.peerId);
    const member = before ?? new Member(swarm, facts, site);
    if (before) swarm.refresh(before, facts, site);
    else {
      swarm.add(member);
      this.#members++;
    }
    if (!before || now - before.joinedAt >= prolongMs) member.joinedAt = now;
    if (fetches) swarm.fetchesForSite(member);
    entry.until = Math.min(entry.until, now + keepAliveMs);
    if (swarm.members.size > Math.min(most, maxCopied)) this.drop(swarmId);
  }

  left(swarmId: string, peerId: string): void {
    const swarm = this.#entries.get(swarmId)?.swarm;
    const member = swarm?.members.get(peerId);
    if (!swarm || !member) return;
    swarm.remove(member);
    this.#members--;
  }

  drop(swarmId: string): void {
    this.#members -= this.#entries.get(swarmId)?.swarm?.members.size ?? 0;
    this.#entries.delete(swarmId);
  }

  #current(swarmId: string, now: number): Entry | undefined {
    const entry = this.#entries.get(swarmId);
    if (!entry || now <= entry.until) return entry;
    this.drop(swarmId);
    return undefined;
  }

  #set(swarmId: string, entry: Entry): void {
    this.drop(swarmId);
    this.#entries.set(swarmId, entry);
    this.#members += entry.swarm?.members.size ?? 0;
    while (this.#entries.size > maxSwarms || this.#members > maxMembers) {
      this.drop(this.#entries.keys().next().value!);
    }
  }
}
