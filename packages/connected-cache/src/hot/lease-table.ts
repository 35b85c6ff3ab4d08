/** Leases at a time, in all threads. */
export const maxLeases = 1024;
const stale = 1;
const gone = 2;
/** Above the two flags: tells one lease of a slot from the next. */
const generation = 4;

/**
 * Which leases hold, and which thread uses which: in memory that all threads see. A thread counts itself
 * in and looks at the word then; the keeper changes the word and looks at the counts then. So one of the
 * two always sees the other, and no file is closed that somebody sends from.
 */
export class LeaseTable {
  readonly shared: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #users: Int32Array;

  /** @param shared that of another thread's table */
  constructor(threads: number, shared = new SharedArrayBuffer(4 * maxLeases * (threads + 1))) {
    this.shared = shared;
    this.#words = new Int32Array(shared, 0, maxLeases);
    this.#users = new Int32Array(shared, 4 * maxLeases);
  }

  /** Counts the thread in, unless the lease holds no more. @param word as it was granted */
  acquire(thread: number, slot: number, word: number): boolean {
    Atomics.add(this.#users, thread * maxLeases + slot, 1);
    if (Atomics.load(this.#words, slot) === word) return true;
    this.release(thread, slot);
    return false;
  }

  release(thread: number, slot: number): void {
    Atomics.sub(this.#users, thread * maxLeases + slot, 1);
  }

  /** Whether who uses the lease is to look for another as soon as he can. */
  isGone(slot: number): boolean {
    return (Atomics.load(this.#words, slot) & gone) !== 0;
  }

  /** A new lease in a slot that nobody uses. @returns its word */
  grant(slot: number): number {
    const word = ((this.#words[slot]! & ~(stale | gone)) + generation) | 0;
    Atomics.store(this.#words, slot, word);
    return word;
  }

  /** Nobody may begin to use it any more; with `now` those who do are to end. */
  revoke(slot: number, now: boolean): void {
    Atomics.or(this.#words, slot, now ? stale | gone : stale);
  }

  isUsed(slot: number): boolean {
    for (let at = slot; at < this.#users.length; at += maxLeases) {
      if (Atomics.load(this.#users, at) > 0) return true;
    }
    return false;
  }

  /** A thread has ended, whatever it was at. */
  forget(thread: number): void {
    const from = thread * maxLeases;
    for (let at = from; at < from + maxLeases; at++) Atomics.store(this.#users, at, 0);
  }
}
