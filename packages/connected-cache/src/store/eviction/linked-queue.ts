/** What can stand in a queue; in one at a time. The fields belong to the queue. */
export interface Linked {
  /** What it weighs against a limit, bytes. Changed through `LinkedQueue.reweigh` only while it stands in one. */
  weight: number;
  queue: LinkedQueue | undefined;
  older: Linked | undefined;
  newer: Linked | undefined;
}

/**
 * A queue in which everything is O(1), also taking something out of its middle: a Set costs a walk
 * over its holes whenever the oldest goes.
 */
export class LinkedQueue {
  #oldest: Linked | undefined;
  #newest: Linked | undefined;
  #weight = 0;
  #length = 0;

  /** The sum of what is in it, bytes. */
  get weight(): number {
    return this.#weight;
  }

  get length(): number {
    return this.#length;
  }

  get oldest(): Linked | undefined {
    return this.#oldest;
  }

  /** Puts it in as the newest. */
  push(item: Linked): void {
    item.queue = this;
    item.older = this.#newest;
    item.newer = undefined;
    if (this.#newest) this.#newest.newer = item;
    else this.#oldest = item;
    this.#newest = item;
    this.#weight += item.weight;
    this.#length++;
  }

  remove(item: Linked): void {
    if (item.queue !== this) throw new Error('it stands in another queue');
    if (item.older) item.older.newer = item.newer;
    else this.#oldest = item.newer;
    if (item.newer) item.newer.older = item.older;
    else this.#newest = item.older;
    item.queue = undefined;
    item.older = undefined;
    item.newer = undefined;
    this.#weight -= item.weight;
    this.#length--;
  }

  /** Changes what it weighs, where it stands. */
  reweigh(item: Linked, weight: number): void {
    this.#weight += weight - item.weight;
    item.weight = weight;
  }
}
