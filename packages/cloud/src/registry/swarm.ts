import type { PeerEntry } from '@sluice/protocol';
import type { Member } from './member.ts';
import { MemberList, type Place } from './member-list.ts';
import { Oldest } from './oldest.ts';
import type { SwarmMember } from './swarm-registry.ts';

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

/** The members of one content, and who of them may know whom. */
export class Swarm {
  readonly id: string;
  readonly createdAt: number;
  /** The number of its last join: of two swarms the one joined later has the larger one. */
  joinedAt = 0;
  /** By peer id. */
  readonly members = new Map<string, Member>();
  readonly #lan = new Map<string, MemberList>();
  readonly #group = new Map<string, MemberList>();
  readonly #oldest = new Oldest<Member>();
  /** By site, those who lack bytes and fetch for it: the first to come. */
  readonly #fetchers = new Map<string, Set<Member>>();
  readonly #internet = new MemberList('Internet', 'wideAt');

  constructor(id: string, now: number) {
    this.id = id;
    this.createdAt = now;
  }

  /** Enters a member that is not in. */
  add(member: Member): void {
    this.members.set(member.peerId, member);
    this.#list(member);
  }

  /** A member joins again, perhaps from elsewhere or in another mode. */
  refresh(member: Member, facts: SwarmMember, site: string): void {
    const stays =
      member.restrictedUpload === (facts.restrictedUpload === true) &&
      (member.left === 0) === (facts.left === 0) &&
      member.site === site &&
      member.scope === facts.scope &&
      member.groupKey === facts.groupKey;
    if (!stays) this.#unlist(member);
    member.update(facts);
    if (stays) shareAddress(member);
    else {
      member.site = site;
      this.#list(member);
    }
  }

  remove(member: Member): void {
    this.members.delete(member.peerId);
    this.#unlist(member);
  }

  /** The member that joined longest ago. */
  oldest(): Member {
    return this.#oldest.of(this.members, ({ peerId }) => peerId);
  }

  /** Whether the member fetches for its site what none there has; undefined: not yet, and a place is free. */
  fetching(member: Member): boolean | undefined {
    if (member.left === 0) return true;
    const fetchers = this.#fetchers.get(member.site);
    if (fetchers?.has(member)) return true;
    return fetchers && fetchers.size >= maxFetchers ? false : undefined;
  }

  /** Whether the member, which is in, fetches for its site what none there has. A vacancy goes to who joins next. */
  fetchesForSite(member: Member): boolean {
    if (member.left === 0) {
      this.#dropFetcher(member);
      return true;
    }
    const fetches = this.fetching(member);
    if (fetches !== undefined) return fetches;
    const fetchers = this.#fetchers.get(member.site) ?? new Set();
    this.#fetchers.set(member.site, fetchers.add(member));
    return true;
  }

  /**
   * Up to `wanted` others for `asker`, which is in. LAN first, then Group or Internet, of each first up to `seeds`
   * of those that lack nothing, as the text of `JoinAnswer`. Who may not upload is told of others and not to them: they could get nothing there.
   */
  peersFor(
    asker: Member,
    { wanted, seeds }: { wanted: number; seeds: number },
    random: () => number,
  ): string {
    let peers = '';
    let count = 0;
    if (wanted === 0) return peers;
    const told = seeds > 0 ? new Set<Member>() : undefined;
    const tell = (members: readonly Member[], type: PeerEntry['Type'], most: number) => {
      for (const member of members) {
        if (count === most) break;
        const isOf = member !== asker && (type === 'LAN' || member.site !== asker.site);
        if (!isOf || told?.has(member)) continue;
        told?.add(member);
        count++;
        peers = member.addTo(peers, type);
      }
    };
    /** @param others so many of the list may be none that are told */
    const tellOf = (list: MemberList | undefined, type: PeerEntry['Type'], others: number) => {
      if (!list) return;
      if (seeds > 0) {
        tell(list.sampleSeeds(seeds + others, random), type, Math.min(wanted, count + seeds));
      }
      tell(list.sample(wanted - count + others + (told?.size ?? 0), random), type, wanted);
    };
    const lan = this.#lan.get(asker.site);
    tellOf(lan, 'LAN', 1);
    // All of the asker's LAN is told then.
    const type = isInGroup(asker) ? 'Group' : 'Internet';
    if (count < wanted) tellOf(this.#wider(asker), type, lan?.size ?? 0);
    return peers;
  }

  #dropFetcher(member: Member): void {
    const fetchers = this.#fetchers.get(member.site);
    if (fetchers?.delete(member) && fetchers.size === 0) this.#fetchers.delete(member.site);
  }

  /** Those beyond its site that a member may know. */
  #wider(member: Member): MemberList | undefined {
    if (isInGroup(member)) return this.#group.get(member.groupKey);
    return member.scope === 3 ? this.#internet : undefined;
  }

  #list(member: Member): void {
    if (member.restrictedUpload) return;
    // One string for all of a site, not one from each request.
    member.site = addTo(this.#lan, member.site, 'lanAt', member).key;
    shareAddress(member);
    if (isInGroup(member)) {
      addTo(this.#group, member.groupKey, 'wideAt', member);
    }
    if (member.scope === 3) this.#internet.add(member);
  }

  #unlist(member: Member): void {
    this.#dropFetcher(member);
    if (member.lanAt >= 0) removeFrom(this.#lan, member.site, member);
    if (member.wideAt < 0) return;
    if (isInGroup(member)) removeFrom(this.#group, member.groupKey, member);
    else this.#internet.remove(member);
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

function shareAddress(member: Member): void {
  if (member.externalIp === member.site) member.externalIp = member.site;
}

function addTo(
  lists: Map<string, MemberList>,
  key: string,
  place: Place,
  member: Member,
): MemberList {
  let list = lists.get(key);
  if (!list) {
    list = new MemberList(key, place);
    lists.set(key, list);
  }
  list.add(member);
  return list;
}

function removeFrom(lists: Map<string, MemberList>, key: string, member: Member): void {
  const list = lists.get(key)!;
  list.remove(member);
  if (list.size === 0) lists.delete(key);
}
