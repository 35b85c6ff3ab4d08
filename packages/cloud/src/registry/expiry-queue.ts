import type { Member } from './member.ts';

/** Members with one KeepAliveMs, from the one that joined longest ago to the latest. */
interface Queue {
  oldest: Member | undefined;
  newest: Member | undefined;
}

/**
 * Who expires when, in O(1) per join. KeepAliveMs takes few values; members with the same one expire
 * in the order in which they joined, so a list per value is always sorted and nothing is ever scanned.
 */
export class ExpiryQueue {
  readonly #queues = new Map<number, Queue>();

  /** Enters `member` as of now. It must not be in. */
  add(member: Member, now: number, keepAliveMs: number): void {
    member.joinedAt = now;
    member.keepAliveMs = keepAliveMs;
    let queue = this.#queues.get(keepAliveMs);
    if (!queue) {
      queue = { oldest: undefined, newest: undefined };
      this.#queues.set(keepAliveMs, queue);
    }
    member.older = queue.newest;
    member.newer = undefined;
    if (queue.newest) queue.newest.newer = member;
    else queue.oldest = member;
    queue.newest = member;
  }

  remove(member: Member): void {
    const queue = this.#queues.get(member.keepAliveMs)!;
    if (member.older) member.older.newer = member.newer;
    else queue.oldest = member.newer;
    if (member.newer) member.newer.older = member.older;
    else queue.newest = member.older;
    member.older = undefined;
    member.newer = undefined;
  }

  /** A member whose time is over, if there is one. */
  expired(now: number): Member | undefined {
    for (const { oldest } of this.#queues.values()) {
      if (oldest && now - oldest.joinedAt > oldest.keepAliveMs) return oldest;
    }
    return undefined;
  }

  /** The member that joined longest ago. */
  oldest(): Member | undefined {
    let found: Member | undefined;
    for (const { oldest } of this.#queues.values()) {
      if (oldest && (!found || oldest.joinedAt < found.joinedAt)) found = oldest;
    }
    return found;
  }
}
