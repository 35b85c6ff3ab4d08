import type { Evictable } from './eviction-policy.ts';
import { LinkedQueue } from './linked-queue.ts';
import { S3Fifo } from './s3-fifo.ts';

/** Who is in a pool of his own. */
export interface SpaceItem extends Evictable {
  /** Bytes of it that are on disk, and that are about to be. */
  bytes: number;
  reserved: number;
  users: number;
  readonly object: { readonly className: string; readonly pinned: boolean };
}

export interface SpaceLimits {
  /** Bytes: above this room is made, and how much at once. */
  high: number;
  batch: number;
  /** The most things. */
  maxItems: number;
  /** The most bytes of each class that has a limit of its own; the others share the rest. */
  quotas: ReadonlyMap<string, number>;
}

/**
 * A small object weighs as much as this: its file and what the index says of it take room as well,
 * and must not be had for nothing.
 */
const leastWeight = 16_384;
/** Of the limit; what is to be pinned beyond it is treated like the rest, or nothing else could be kept. */
const mostPinned = 0.9;
const shared = '';

/**
 * What lies on one drive, how much it weighs, and what goes when room is needed. Pure: no disk, no
 * clock. A class with a quota has a pool of its own, so that neither can flush the other; all other
 * things share one.
 */
export class DriveSpace<T extends SpaceItem> {
  readonly limits: SpaceLimits;
  readonly #pools = new Map<string, S3Fifo<T>>();
  readonly #pinned = new LinkedQueue();
  readonly #classBytes = new Map<string, number>();
  #bytes = 0;

  constructor(limits: SpaceLimits) {
    this.limits = limits;
    for (const name of [...limits.quotas.keys(), shared]) this.#pools.set(name, new S3Fifo());
  }

  /** Bytes that are on disk. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What counts against the limit: bytes stored, and bytes about to be. */
  get weight(): number {
    let sum = this.#pinned.weight;
    for (const pool of this.#pools.values()) sum += pool.weight;
    return sum;
  }

  get pinnedWeight(): number {
    return this.#pinned.weight;
  }

  get items(): number {
    let sum = this.#pinned.length;
    for (const pool of this.#pools.values()) sum += pool.size;
    return sum;
  }

  /** Bytes on disk by class. */
  get classBytes(): ReadonlyMap<string, number> {
    return this.#classBytes;
  }

  add(item: T): void {
    item.weight = weightOf(item);
    this.#count(item, item.bytes);
    if (this.#mayPin(item)) this.#pinned.push(item);
    else this.#poolOf(item).add(item);
  }

  /** Puts it in as it was before a restart; in the order in which they are to go. */
  restore(item: T, proved: boolean): void {
    item.weight = weightOf(item);
    this.#count(item, item.bytes);
    if (this.#mayPin(item)) this.#pinned.push(item);
    else this.#poolOf(item).restore(item, proved);
  }

  hasProved(item: T): boolean {
    return item.queue !== this.#pinned && this.#poolOf(item).hasProved(item);
  }

  /** So many bytes of it that were here have been asked for. */
  served(item: T, bytes: number): void {
    this.#poolOf(item).served(item, bytes);
  }

  /** `stored` and `reserved`: by how much they change. */
  change(item: T, stored: number, reserved: number): void {
    item.bytes += stored;
    item.reserved += reserved;
    if (!item.queue) return;
    this.#count(item, stored);
    item.queue.reweigh(item, weightOf(item));
  }

  remove(item: T): void {
    if (!item.queue) return;
    item.queue.remove(item);
    this.#count(item, -item.bytes);
  }

  /** What it is of has been pinned, or is so no more. */
  repin(item: T): void {
    if (!item.queue) return;
    this.remove(item);
    this.add(item);
  }

  /**
   * Takes out what must go so that all limits hold. What is in use or pinned stays, so they may be
   * exceeded by that much.
   */
  makeRoom(): T[] {
    const gone: T[] = [];
    const { high, batch, maxItems, quotas } = this.limits;
    for (const [name, quota] of quotas) {
      const pool = this.#pools.get(name)!;
      if (pool.weight > quota) this.#shrink([pool], () => pool.weight > quota - batch, gone);
    }
    if (this.weight > high || this.items > maxItems) {
      this.#shrink(
        [...this.#pools.values()],
        () => this.weight > high - batch || this.items > maxItems,
        gone,
      );
    }
    return gone;
  }

  #shrink(from: S3Fifo<T>[], tooMuch: () => boolean, gone: T[]): void {
    let pools = from;
    while (pools.length > 0 && tooMuch()) {
      const fullest = pools.reduce((a, b) => (this.#fullness(b) > this.#fullness(a) ? b : a));
      const item = fullest.evict((one) => one.users > 0);
      if (item) {
        this.#count(item, -item.bytes);
        gone.push(item);
      } else {
        pools = pools.filter((pool) => pool !== fullest);
      }
    }
  }

  /** How much of what a pool is meant to have it has. */
  #fullness(pool: S3Fifo<T>): number {
    const { high, quotas } = this.limits;
    let rest = high;
    for (const [name, quota] of quotas) {
      if (this.#pools.get(name) === pool) return pool.weight / Math.max(1, quota);
      rest -= quota;
    }
    return pool.weight / Math.max(1, rest);
  }

  #mayPin(item: T): boolean {
    return item.object.pinned && this.#pinned.weight + item.weight <= this.limits.high * mostPinned;
  }

  #poolOf({ object }: T): S3Fifo<T> {
    return this.#pools.get(object.className) ?? this.#pools.get(shared)!;
  }

  #count({ object: { className } }: T, bytes: number): void {
    this.#bytes += bytes;
    this.#classBytes.set(className, (this.#classBytes.get(className) ?? 0) + bytes);
  }
}

function weightOf({ bytes, reserved }: SpaceItem): number {
  return Math.max(bytes + reserved, leastWeight);
}
