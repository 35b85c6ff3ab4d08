import type { Evictable, EvictionPolicy } from './eviction-policy.ts';
import { Ghosts } from './ghosts.ts';
import { LinkedQueue } from './linked-queue.ts';

/** The part of the weight that is on probation; measured best on the traces of `bench:eviction`. */
const probationShare = 0.05;
const maxHeat = 3;
const leastGhosts = 16;

/**
 * S3-FIFO (Yang et al., SOSP 2023) for things of different weight: what comes is on probation; what
 * nobody asks for again goes before anything that has proved itself, so that one scan or a thousand
 * one-hit wonders pass through without flushing what is hot. What went and comes back skips the
 * probation. A use is as many bytes as the thing has: one client that reads a file in a hundred
 * ranges has used it once.
 */
export class S3Fifo<T extends Evictable> implements EvictionPolicy<T> {
  readonly #probation = new LinkedQueue();
  readonly #proved = new LinkedQueue();
  readonly #ghosts = new Ghosts();

  get weight(): number {
    return this.#probation.weight + this.#proved.weight;
  }

  get size(): number {
    return this.#probation.length + this.#proved.length;
  }

  add(item: T): void {
    this.restore(item, this.#ghosts.take(item.key));
  }

  /** Puts it in as it was before a restart. */
  restore(item: T, proved: boolean): void {
    (proved ? this.#proved : this.#probation).push(item);
  }

  /** Whether it has proved to be wanted more than once. */
  hasProved(item: T): boolean {
    return item.queue === this.#proved;
  }

  served(item: T, bytes: number): void {
    item.credit += bytes;
    if (item.credit < item.weight) return;
    item.heat = Math.min(maxHeat, item.heat + Math.floor(item.credit / item.weight));
    item.credit %= item.weight;
  }

  reweigh(item: T, weight: number): void {
    item.queue?.reweigh(item, weight);
  }

  remove(item: T): void {
    item.queue?.remove(item);
  }

  evict(busy: (item: T) => boolean): T | undefined {
    // Each is moved at most maxHeat times before it goes; if all are busy this must end, too.
    for (let left = this.size * (maxHeat + 1); left > 0; left--) {
      const queue = this.#queueToShrink();
      const item = queue.oldest as T | undefined;
      if (!item) return undefined;
      queue.remove(item);
      if (busy(item)) {
        queue.push(item);
      } else if (item.heat > 0) {
        item.heat = queue === this.#proved ? item.heat - 1 : 0;
        this.#proved.push(item);
      } else {
        this.#ghosts.add(item.key, Math.max(leastGhosts, this.size));
        return item;
      }
    }
    return undefined;
  }

  #queueToShrink(): LinkedQueue {
    if (this.#proved.length === 0) return this.#probation;
    const onProbation = this.#probation.length > 0 ? this.#probation.weight : -1;
    return onProbation >= this.weight * probationShare ? this.#probation : this.#proved;
  }
}
