import { Cells, common, field } from './cells.ts';

/** In common: nobody expires before, ms. */
const quietTill = 0;
/** Then a queue for each KeepAliveMs: what it is (0: there is no such queue yet), its oldest and newest member, -1 = none. */
const firstQueue = 1;
const ofQueue = 3;
const queuesEnd = common - ((common - firstQueue) % ofQueue);

/**
 * Which member of a swarm expires when, in O(1) per join. KeepAliveMs takes few values (those of `joinInterval`, each
 * longer by one of the stretches of `JoinPace`); members with the same one expire in the order in which they joined,
 * so a queue per value is always sorted and nothing is ever scanned. All members of a swarm are in queues, or none.
 */
export class ExpiringCells extends Cells {
  /** Enters `member`, that is in no queue, as of now. */
  await(member: number, now: number, keepAliveMs: number): void {
    this.set(member, field.joinedAt, now);
    this.set(member, field.keepAliveMs, keepAliveMs);
    const queue = this.#queueOf(keepAliveMs, true);
    const newest = this.common(queue + 2);
    this.set(member, field.older, newest);
    this.set(member, field.newer, -1);
    this.#setNewer(queue, newest, member);
    this.setCommon(queue + 2, member);
    if (newest < 0) this.#quiet(now + keepAliveMs);
  }

  /** Removes a member from its queue, if it is in one. */
  awaitNoMore(member: number): void {
    const queue = this.#queueOf(this.get(member, field.keepAliveMs));
    if (queue < 0) return;
    const older = this.get(member, field.older);
    const newer = this.get(member, field.newer);
    this.#setNewer(queue, older, newer);
    this.#setOlder(queue, newer, older);
  }

  /** A member has another number now. */
  protected renamed(member: number): void {
    const queue = this.#queueOf(this.get(member, field.keepAliveMs));
    if (queue < 0) return;
    this.#setNewer(queue, this.get(member, field.older), member);
    this.#setOlder(queue, this.get(member, field.newer), member);
  }

  /** A member whose time is over, -1: there is none. */
  expired(now: number): number {
    if (now <= this.common(quietTill)) return -1;
    this.setCommon(quietTill, Number.POSITIVE_INFINITY);
    for (let queue = firstQueue; queue < queuesEnd; queue += ofQueue) {
      const keepAliveMs = this.common(queue);
      const oldest = this.common(queue + 1);
      if (keepAliveMs === 0) break;
      if (oldest < 0) continue;
      const till = this.get(oldest, field.joinedAt) + keepAliveMs;
      this.#quiet(till);
      if (till < now) return oldest;
    }
    return -1;
  }

  /** The member that joined longest ago, and when. There must be one. */
  longestAgo(): { member: number; joinedAt: number } {
    let found = { member: -1, joinedAt: Number.POSITIVE_INFINITY };
    for (let queue = firstQueue; queue < queuesEnd; queue += ofQueue) {
      const member = this.common(queue + 1);
      if (this.common(queue) === 0 || member < 0) continue;
      const joinedAt = this.get(member, field.joinedAt);
      if (joinedAt < found.joinedAt) found = { member, joinedAt };
    }
    return found;
  }

  /** Somebody expires behind that time. */
  #quiet(till: number): void {
    this.setCommon(quietTill, Math.min(this.common(quietTill), till));
  }

  #setNewer(queue: number, member: number, newer: number): void {
    if (member < 0) this.setCommon(queue + 1, newer);
    else this.set(member, field.newer, newer);
  }

  #setOlder(queue: number, member: number, older: number): void {
    if (member < 0) this.setCommon(queue + 2, older);
    else this.set(member, field.older, older);
  }

  /** @param make where there is none @returns its first word, -1: there is none */
  #queueOf(keepAliveMs: number, make = false): number {
    for (let queue = firstQueue; queue < queuesEnd; queue += ofQueue) {
      const known = this.common(queue);
      if (known === keepAliveMs && known > 0) return queue;
      if (known > 0) continue;
      if (!make) return -1;
      this.setCommon(queue, keepAliveMs);
      this.setCommon(queue + 1, -1);
      this.setCommon(queue + 2, -1);
      return queue;
    }
    throw new RangeError('too many different KeepAliveMs');
  }
}
