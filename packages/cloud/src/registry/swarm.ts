import type { PeerEntry } from '@sluice/protocol';
import { field } from './cells.ts';
import { headTexts } from './entry-text.ts';
import { ExpiringCells } from './expiring-cells.ts';
import { MemberList, type Place } from './member-list.ts';
import type { SwarmMember } from './swarm-registry.ts';
import { ToldPeers } from './told-peers.ts';

/**
 * So many of a site know each other, so that they can divide among them what comes over its line; in a
 * larger site the others leave it to them.
 */
export const maxFetchers = 40;

/**
 * How many of those that a newcomer is told of are seeds, where there are so many: from them it gets its first pieces
 * at once, whoever else it meets. No more than a fifth, so that the seeds of a large swarm are not known to all of it.
 */
export function seedsFor(left: number, wanted: number): number {
  return left === 0 ? 0 : Math.min(wanted, Math.max(1, Math.floor(wanted / seedShare)));
}
export const seedShare = 5;

/** Where members are from, and what they may know beyond their site. One for all that have these in common. */
export interface Home {
  readonly externalIp: string;
  readonly site: MemberList;
  /** Those beyond the site that a member may know: its group, or the Internet. */
  readonly wider: MemberList | undefined;
}

/** The key of the Internet's list, among those of groups. */
const internet = '';

/**
 * The members of one content, and who of them may know whom. A member is a number, until one is removed: another may
 * have its number then.
 */
export class Swarm extends ExpiringCells {
  readonly id: string;
  readonly createdAt: number;
  /** The number of its last join: of two swarms the one joined later has the larger one. */
  joinedAt = 0;
  /** By member. */
  readonly #homes: Home[] = [];
  readonly #sites = new Map<string, MemberList>();
  readonly #wider = new Map<string, MemberList>();

  constructor(id: string, now: number) {
    super();
    this.id = id;
    this.createdAt = now;
  }

  /** Enters a member that is not in. */
  add(facts: SwarmMember, site: string): number {
    const member = this.enter(facts.peerId);
    this.#note(member, facts);
    this.#list(member, facts, site);
    return member;
  }

  /** A member joins again, perhaps from elsewhere or in another mode. */
  refresh(member: number, facts: SwarmMember, site: string): void {
    if (this.staysWhere(member, facts)) {
      this.say(member, facts);
      return;
    }
    this.#unlist(member);
    this.#note(member, facts);
    this.#list(member, facts, site);
  }

  remove(member: number): void {
    const last = this.size - 1;
    this.awaitNoMore(member);
    this.#unlist(member);
    this.drop(member);
    const home = this.#homes.pop()!;
    if (member === last) return;
    this.#homes[member] = home;
    home.site.renamed(this, member);
    home.wider?.renamed(this, member);
    this.renamed(member);
  }

  /** What it said. */
  factsOf(member: number): SwarmMember {
    const manner = this.get(member, field.manner);
    const { externalIp } = this.#homes[member]!;
    const localIp = this.addressOf(member);
    return {
      ...{ peerId: this.idOf(member), externalIp, left: this.get(member, field.left) },
      localIp: localIp === externalIp ? undefined : localIp,
      port: this.portOf(member),
      scope: (manner >> 16) & 3,
      groupKey: this.#groupOf(member),
      restrictedUpload: (manner & restricted) !== 0,
    };
  }

  /** Notes what a member says that stays where it is. @returns whether that is new */
  say(member: number, facts: SwarmMember): boolean {
    if (this.#isNoted(member, facts)) return false;
    this.#note(member, facts);
    return true;
  }

  /** Whether it is in the same lists as before: those that its address, mode and group, and lacking something, put it in. */
  staysWhere(member: number, facts: SwarmMember): boolean {
    const { externalIp, wider } = this.#homes[member]!;
    return (
      this.get(member, field.manner) >> 16 === mannerOf(facts) >> 16 &&
      this.isSeed(member) === (facts.left === 0) &&
      externalIp === facts.externalIp &&
      wider?.key === widerKey(facts)
    );
  }

  isFrom(member: number, externalIp: string): boolean {
    return this.#homes[member]!.externalIp === externalIp;
  }

  /** Whether the member fetches for its site what none there has; undefined: not yet, and a place is free. */
  fetching(member: number): boolean | undefined {
    if (this.isSeed(member) || this.get(member, field.fetches) === 1) return true;
    return this.#homes[member]!.site.fetchers >= maxFetchers ? false : undefined;
  }

  /** Whether the member fetches for its site what none there has. A vacancy goes to who joins next. */
  fetchesForSite(member: number): boolean {
    const fetches = this.fetching(member);
    if (fetches !== undefined) return fetches;
    this.set(member, field.fetches, 1);
    this.#homes[member]!.site.fetchers++;
    return true;
  }

  /**
   * Up to `wanted` others for `asker`. LAN first, then Group or Internet, of each first up to `seeds`
   * of those that lack nothing, as the text of `JoinAnswer`. Who may not upload is told of others and not to them: they could get nothing there.
   */
  peersFor(
    asker: number,
    { wanted, seeds }: { wanted: number; seeds: number },
    random: () => number,
  ): string {
    if (wanted === 0) return '';
    const answer = new ToldPeers(this, wanted);
    const told = seeds > 0 ? new Set<number>() : undefined;
    const { site, wider } = this.#homes[asker]!;
    const tell = (members: readonly number[], type: PeerEntry['Type'], most: number) => {
      this.touch(members);
      const head = headTexts[type];
      for (const member of members) {
        if (answer.count === most) break;
        if (member === asker || told?.has(member)) continue;
        const home = type === 'LAN' ? undefined : this.#homes[member]!;
        if (home?.site === site) continue;
        told?.add(member);
        if (home && type === 'Internet')
          answer.addFar(member, home.externalIp, this.portOf(member));
        else answer.add(member, head);
      }
    };
    /** @param others so many of the list may be none that are told */
    const tellOf = (list: MemberList, type: PeerEntry['Type'], others: number) => {
      if (seeds > 0) {
        const most = Math.min(wanted, answer.count + seeds);
        tell(list.sampleSeeds(seeds + others, random), type, most);
      }
      const more = wanted - answer.count + others + (told?.size ?? 0);
      tell(list.sample(more, random), type, wanted);
    };
    tellOf(site, 'LAN', 1);
    // All of the asker's LAN is told then.
    const type = wider?.key === internet ? 'Internet' : 'Group';
    if (wider && answer.count < wanted) tellOf(wider, type, site.size);
    return answer.toString();
  }

  #groupOf(member: number): string | undefined {
    return this.#homes[member]!.wider?.key || undefined;
  }

  /** Whether that is what its cell has. */
  #isNoted(member: number, facts: SwarmMember): boolean {
    return (
      this.get(member, field.manner) === mannerOf(facts) &&
      this.get(member, field.left) === facts.left &&
      this.hasAddress(member, facts.localIp ?? facts.externalIp)
    );
  }

  #note(member: number, facts: SwarmMember): void {
    this.set(member, field.manner, mannerOf(facts));
    this.tell(member, facts.localIp ?? facts.externalIp, facts);
  }

  #list(member: number, facts: SwarmMember, site: string): void {
    const key = widerKey(facts);
    const near = listOf(this.#sites, site, field.siteAt);
    const wider = key === undefined ? undefined : listOf(this.#wider, key, field.widerAt);
    this.#homes[member] = homeOf(near, facts.externalIp, wider);
    near.take(this, member, facts);
    wider?.take(this, member, facts);
  }

  #unlist(member: number): void {
    const { site, wider } = this.#homes[member]!;
    if (this.get(member, field.fetches) === 1) site.fetchers--;
    this.set(member, field.fetches, 0);
    site.release(this, member);
    wider?.release(this, member);
    if (site.users === 0) this.#sites.delete(site.key);
    if (wider?.users === 0) this.#wider.delete(wider.key);
  }
}

/** Whether devices in this download mode have peers at all. */
export function hasPeers(scope: number): boolean {
  return scope === 1 || scope === 2 || scope === 3;
}

/** Whether a device has Group peers. */
export function isInGroup<M extends SwarmMember>(member: M): member is M & { groupKey: string } {
  return member.scope === 2 && member.groupKey !== undefined;
}

/** Of a manner: it may not upload. */
const restricted = 1 << 18;

/** What of a member's facts is in one word: its port, and from bit 16 on what says in which lists it is. */
function mannerOf({ port, scope, restrictedUpload }: SwarmMember): number {
  return port | (scope << 16) | (restrictedUpload ? restricted : 0);
}

/** Of a site that has many (IPv6, groups) only some are shared. */
const sharedHomes = 4;

function homeOf(site: MemberList, ip: string, wider: MemberList | undefined): Home {
  const known = site.homes.find((home) => home.externalIp === ip && home.wider === wider);
  if (known) return known;
  // One string for all of a site, not one from each request.
  const home = { externalIp: ip === site.key ? site.key : ip, site, wider };
  if (site.homes.length < sharedHomes) site.homes.push(home);
  return home;
}

/** Which list beyond its site a member is in. */
function widerKey(facts: SwarmMember): string | undefined {
  if (isInGroup(facts)) return facts.groupKey;
  return facts.scope === 3 ? internet : undefined;
}

function listOf(lists: Map<string, MemberList>, key: string, place: Place): MemberList {
  let list = lists.get(key);
  if (!list) {
    list = new MemberList(key, place);
    lists.set(key, list);
  }
  return list;
}
