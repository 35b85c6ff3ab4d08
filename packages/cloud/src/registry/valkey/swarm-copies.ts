import { field } from '../cells.ts';
import { siteOf } from '../site.ts';
import { Swarm } from '../swarm.ts';
import type { SwarmMember } from '../swarm-registry.ts';
import { TextMap } from '../text-map.ts';

/** A copy is made anew no sooner than after so long, ms: what other clouds changed meanwhile is not in it. */
const youngMs = 5_000;
/** And after so long whenever it is asked, ms; sooner when it answered as often as it has members. */
const oldMs = 20_000;
/** Of no use any more, ms. */
const copyMs = 30_000;
/** A swarm is copied when it was asked for so often within that time: a copy costs as much as some answers. */
const worthwhile = 3;
/** Larger swarms are not copied. */
export const maxCopied = 1_000;
/** Members of all copies together; about 330 MB, as in a registry in memory. */
const maxMembers = 1_000_000;
/** Swarms of which it is known how often they were asked for. */
const maxSwarms = 100_000;
/** A member that prolonged its keys so long ago has to do so again, ms; see `scripts.ts`. */
const prolongMs = 300_000;

interface Entry {
  swarmId: string;
  /** Of the swarm at the store. */
  tag: string;
  /** Before it was copied: by joins. Since: of the copy. */
  asked: number;
  /** When the store was asked for the copy, or for the first time, local ms. */
  since: number;
  swarm: Swarm | undefined;
  /** The store is asked for the copy that comes next. */
  isRenewed: boolean;
  /** When the first of the members expires, unless it comes again, local ms. */
  expiresAt: number;
  /** That of the swarm which the copy is the same as; empty: of none, or there is no copy. */
  version: string;
  /** When the store had the swarm made that was copied, by the store's time, ms; empty: there is no copy. */
  madeAt: string;
}

const noCopy = {
  swarm: undefined,
  isRenewed: false,
  expiresAt: Number.POSITIVE_INFINITY,
  version: '',
  madeAt: '',
};

/** A member of a swarm as the store has it. Times are ms before or after now. */
export interface Loaded {
  facts: SwarmMember;
  fetches: boolean;
  expiresInMs: number;
  prolongedAgoMs: number;
}

/** A swarm as the store has it. */
export interface Copy {
  version: string;
  madeAt: string;
  createdAgoMs: number;
  members: readonly Loaded[];
}

/** What a join came to at the store. */
export interface Outcome {
  fetches: boolean;
  keepAliveMs: number;
  /** Peers of a swarm: with more the store has removed one. */
  most: number;
  /** Versions of the swarm. */
  before: string;
  after: string;
}

/** Where a member is in a copy. */
export interface Copied {
  entry: Entry;
  tag: string;
  swarm: Swarm;
  member: number;
}

/**
 * A member joined when it was last heard of, by its join or by the copy, and is kept from there.
 *
 * Copies of swarms that are asked for often. Who comes again is answered from them: it knows others already.
 * Newcomers are always answered by the store, so those who start together find each other. What came by this cloud is
 * in its copies; what came by others is seen when they are made anew.
 */
export class SwarmCopies {
  readonly #entries = new TextMap<Entry>(({ swarmId }) => swarmId);
  #members = 0;

  /** The peer in its copy; undefined: the store has to be asked, as who it may know is another now, or it fetches. */
  of(swarmId: string, facts: SwarmMember, now: number): Copied | undefined {
    const entry = this.#current(swarmId, now);
    if (!entry?.swarm) return undefined;
    const { swarm, tag } = entry;
    if (now > entry.expiresAt) this.#expire(entry, swarm, now);
    const member = swarm.find(facts.peerId);
    if (member < 0 || !swarm.staysWhere(member, facts)) return undefined;
    // The store decides who takes a place that is free.
    return swarm.fetching(member) === undefined ? undefined : { entry, swarm, member, tag };
  }

  /** The peer is still there. @returns whether the store has to have its record */
  renewed({ entry, swarm, member }: Copied, facts: SwarmMember, keepAliveMs: number, now: number) {
    const isDue = now - swarm.get(member, field.prolongedAt) >= prolongMs;
    const isNew = swarm.say(member, facts);
    if (isDue) swarm.set(member, field.prolongedAt, now);
    keep(swarm, member, now, keepAliveMs);
    entry.expiresAt = Math.min(entry.expiresAt, now + keepAliveMs);
    return isDue || isNew;
  }

  /** Notes that the copy has answered. @returns whether it should be made anew, to be told once */
  ages({ entry, swarm }: Copied, now: number): boolean {
    entry.asked++;
    const age = now - entry.since;
    if (entry.isRenewed || age <= youngMs) return false;
    entry.isRenewed = age >= oldMs || entry.asked >= swarm.size;
    return entry.isRenewed;
  }

  /** Notes that the store has to be asked. @returns whether a copy is worth it, to be told once */
  asks(swarmId: string, tag: string, now: number): boolean {
    const known = this.#current(swarmId, now);
    if (known) return !known.swarm && ++known.asked === worthwhile;
    this.#set({ ...noCopy, swarmId, tag, asked: 1, since: now });
    return false;
  }

  /** To be told when the store is asked for a copy: it need not be sent where it is the same. */
  versionOf(swarmId: string): string {
    return this.#entries.get(swarmId)?.version ?? '';
  }

  /** The copy is still the same as the swarm: it is like new. @param since when the store was asked */
  same(swarmId: string, since: number): void {
    const entry = this.#entries.get(swarmId);
    if (!entry?.swarm) return;
    entry.asked = 0;
    entry.since = since;
    entry.isRenewed = false;
  }

  /** @param since when the store was asked: what came by this cloud meanwhile is not in `members` */
  put(swarmId: string, { version, madeAt, createdAgoMs, members }: Copy, since: number): void {
    const before = this.#entries.get(swarmId);
    // It was given up meanwhile.
    if (!before) return;
    const swarm = new Swarm(swarmId, since - createdAgoMs);
    swarm.reserve(members.length);
    let expiresAt = Number.POSITIVE_INFINITY;
    for (const { facts, fetches, expiresInMs, prolongedAgoMs } of members) {
      const later = joinedSince(before.swarm, facts.peerId, since);
      const said = later?.facts ?? facts;
      const { joinedAt = since, keepAliveMs = expiresInMs } = later ?? {};
      const member = swarm.add(said, siteOf(said.externalIp));
      keep(swarm, member, joinedAt, keepAliveMs);
      swarm.set(member, field.prolongedAt, since - prolongedAgoMs);
      if (fetches) swarm.fetchesForSite(member);
      expiresAt = Math.min(expiresAt, joinedAt + keepAliveMs);
    }
    this.#set({
      swarmId,
      tag: before.tag,
      asked: 0,
      since,
      swarm,
      isRenewed: false,
      expiresAt,
      version,
      madeAt,
    });
  }

  /** There is no copy: the swarm is too large. @param now when it was seen */
  tooLarge(swarmId: string, now: number): void {
    const { tag } = this.#entries.get(swarmId) ?? {};
    if (tag === undefined) return;
    this.#set({ ...noCopy, swarmId, tag, asked: worthwhile, since: now });
  }

  /** A peer joined at the store. */
  joined(
    swarmId: string,
    facts: SwarmMember,
    { fetches, keepAliveMs, most, before: was, after }: Outcome,
    now: number,
  ): void {
    const entry = this.#current(swarmId, now);
    if (!entry?.swarm) return;
    // Else something happened by others.
    entry.version = entry.version === was ? after : '';
    const { swarm } = entry;
    const site = siteOf(facts.externalIp);
    const before = swarm.find(facts.peerId);
    const member = before < 0 ? swarm.add(facts, site) : before;
    if (before < 0) this.#members++;
    else swarm.refresh(before, facts, site);
    if (before < 0 || now - swarm.get(member, field.prolongedAt) >= prolongMs) {
      swarm.set(member, field.prolongedAt, now);
    }
    keep(swarm, member, now, keepAliveMs);
    if (fetches) swarm.fetchesForSite(member);
    entry.expiresAt = Math.min(entry.expiresAt, now + keepAliveMs);
    if (swarm.size > Math.min(most, maxCopied)) this.drop(swarmId);
  }

  left(swarmId: string, peerId: string): void {
    const swarm = this.#entries.get(swarmId)?.swarm;
    const member = swarm?.find(peerId) ?? -1;
    if (swarm && member >= 0) this.#remove(swarm, member);
  }

  drop(swarmId: string): void {
    this.#members -= this.#entries.get(swarmId)?.swarm?.size ?? 0;
    this.#entries.delete(swarmId);
  }

  /** Removes who is late. It may have come by another cloud, of which the next copy knows. */
  #expire(entry: Entry, swarm: Swarm, now: number): void {
    entry.expiresAt = Number.POSITIVE_INFINITY;
    // From the last: it takes the place of who is removed.
    for (let member = swarm.size - 1; member >= 0; member--) {
      const expiresAt = expiryOf(swarm, member);
      if (expiresAt < now) {
        this.#remove(swarm, member);
        // What the store knows of it is asked for soon.
        entry.version = '';
        entry.asked = swarm.size;
      } else entry.expiresAt = Math.min(entry.expiresAt, expiresAt);
    }
  }

  #remove(swarm: Swarm, member: number): void {
    swarm.remove(member);
    this.#members--;
  }

  #current(swarmId: string, now: number): Entry | undefined {
    const entry = this.#entries.get(swarmId);
    if (!entry || now - entry.since <= copyMs) return entry;
    this.drop(swarmId);
    return undefined;
  }

  #set(entry: Entry): void {
    this.drop(entry.swarmId);
    this.#entries.set(entry);
    this.#members += entry.swarm?.size ?? 0;
    while (this.#entries.size > maxSwarms || this.#members > maxMembers) {
      this.drop(this.#entries.values().next().value!.swarmId);
    }
  }
}

function keep(swarm: Swarm, member: number, joinedAt: number, keepAliveMs: number): void {
  swarm.set(member, field.joinedAt, joinedAt);
  swarm.set(member, field.keepAliveMs, keepAliveMs);
}

function expiryOf(swarm: Swarm, member: number): number {
  return swarm.get(member, field.joinedAt) + swarm.get(member, field.keepAliveMs);
}

/** What a member said since, and till when that holds; undefined: it has not joined since. */
function joinedSince(swarm: Swarm | undefined, peerId: string, since: number) {
  const member = swarm?.find(peerId) ?? -1;
  if (!swarm || member < 0) return undefined;
  const joinedAt = swarm.get(member, field.joinedAt);
  if (joinedAt < since) return undefined;
  const keepAliveMs = swarm.get(member, field.keepAliveMs);
  return { facts: swarm.factsOf(member), joinedAt, keepAliveMs };
}
