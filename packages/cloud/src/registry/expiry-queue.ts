import type { Member } from './member.ts';

/** Members with one KeepAliveMs, from the one that joined longest ago to the latest. */
interface Queue {
  readonly keepAliveMs: number;
  oldest: Member | undefined;
  newest: Member | undefined;
}

/**
 * Who expires when, in O(1) per join. KeepAliveMs takes few values; members with the same one expire
 * in the order in which they joined, so a list per value is always sorted and nothing is ever scanned.
 */
export class ExpiryQueue {
  readonly #queues: Queue[] = [];

  /** Enters `member` as of now. It must not be in. */
  add(member: Member, now: number, keepAliveMs: number): void {
    member.joinedAt = now;
    member.keepAliveMs = keepAliveMs;
    let queue = this.#of(keepAliveMs);
    if (!queue) {
      queue = { keepAliveMs, oldest: undefined, newest: undefined };
      this.#queues.push(queue);
    }
    member.older = queue.newest;
    member.newer = undefined;
    if (queue.newest) queue.newest.newer = member;
    else queue.oldest = member;
    queue.newest = member;
  }

  remove(member: Member): void {
    const queue = this.#of(member.keepAliveMs)!;
    if (member.older) member.older.newer = member.newer;
    else queue.oldest = member.newer;
    if (member.newer) member.newer.older = member.older;
    else queue.newest = member.older;
    member.older = undefined;
    member.newer = undefined;
  }

  /** A member whose time is over, if there is one. */
  expired(now: number): Member | undefined {
    for (const { oldest } of this.#queues) {
      if (oldest && now - oldest.joinedAt > oldest.keepAliveMs) return oldest;
    }
    return undefined;
  }

  /** The member that joined longest ago. */
  oldest(): Member | undefined {
    let found: Member | undefined;
    for (const { oldest } of this.#queues) {
      if (oldest && (!found || oldest.joinedAt < found.joinedAt)) found = oldest;
    }
    return found;
  }

  #of(keepAliveMs: number): Queue | undefined {
    return this.#queues.find((queue) => queue.keepAliveMs === keepAliveMs);
  }
}
