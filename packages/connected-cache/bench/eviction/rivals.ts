import type { Evictable, EvictionPolicy } from '../../src/store/eviction/eviction-policy.ts';
import { LinkedQueue } from '../../src/store/eviction/linked-queue.ts';

/** What ours is compared with. */
abstract class OneQueue<T extends Evictable> implements EvictionPolicy<T> {
  readonly queue = new LinkedQueue();

  get weight(): number {
    return this.queue.weight;
  }

  get size(): number {
    return this.queue.length;
  }

  add(item: T): void {
    this.queue.push(item);
  }

  reweigh(item: T, weight: number): void {
    this.queue.reweigh(item, weight);
  }

  remove(item: T): void {
    item.queue?.remove(item);
  }

  abstract served(item: T, bytes: number): void;
  abstract evict(busy: (item: T) => boolean): T | undefined;
}

export class Lru<T extends Evictable> extends OneQueue<T> {
  served(item: T): void {
    this.queue.remove(item);
    this.queue.push(item);
  }

  evict(): T | undefined {
    const item = this.queue.oldest as T | undefined;
    if (item) this.queue.remove(item);
    return item;
  }
}

/** SIEVE (Zhang et al., NSDI 2024): a hand that walks, and what was used stays where it stands. */
export class Sieve<T extends Evictable> extends OneQueue<T> {
  #hand: T | undefined;

  served(item: T, bytes: number): void {
    item.credit += bytes;
    if (item.credit < item.weight) return;
    item.credit = 0;
    item.heat = 1;
  }

  override remove(item: T): void {
    if (this.#hand === item) this.#hand = item.newer as T | undefined;
    super.remove(item);
  }

  evict(): T | undefined {
    let item = this.#hand ?? (this.queue.oldest as T | undefined);
    while (item && item.heat > 0) {
      item.heat = 0;
      item = (item.newer ?? this.queue.oldest) as T | undefined;
    }
    this.#hand = item?.newer as T | undefined;
    if (item) this.queue.remove(item);
    return item;
  }
}

/** Segmented LRU: used again = protected; the protected part is four fifths. */
export class Slru<T extends Evictable> implements EvictionPolicy<T> {
  readonly #fresh = new LinkedQueue();
  readonly #kept = new LinkedQueue();

  get weight(): number {
    return this.#fresh.weight + this.#kept.weight;
  }

  get size(): number {
    return this.#fresh.length + this.#kept.length;
  }

  add(item: T): void {
    this.#fresh.push(item);
  }

  served(item: T, bytes: number): void {
    item.credit += bytes;
    if (item.credit < item.weight && item.queue === this.#fresh) return;
    item.credit = 0;
    item.queue!.remove(item);
    this.#kept.push(item);
    while (this.#kept.weight > 0.8 * this.weight) {
      const oldest = this.#kept.oldest!;
      this.#kept.remove(oldest);
      this.#fresh.push(oldest);
    }
  }

  reweigh(item: T, weight: number): void {
    item.queue!.reweigh(item, weight);
  }

  remove(item: T): void {
    item.queue?.remove(item);
  }

  evict(): T | undefined {
    const item = (this.#fresh.oldest ?? this.#kept.oldest) as T | undefined;
    item?.queue?.remove(item);
    return item;
  }
}
