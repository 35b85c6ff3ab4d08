import type { Linked } from './linked-queue.ts';

/** What can be evicted, as the policy sees it. All but `key` and `weight` belongs to the policy. */
export interface Evictable extends Linked {
  /** 32 bits by which it is known again when it comes back after it went. */
  readonly key: number;
  /** How often it has been asked for since it came, up to a small limit. */
  heat: number;
  /** Bytes served of it that do not make up a whole use yet. */
  credit: number;
}

/** Decides what goes when room is needed. Pure; every call costs O(1), amortized. */
export interface EvictionPolicy<T extends Evictable> {
  /** The sum of all weights, bytes. */
  readonly weight: number;
  readonly size: number;
  /** Something has come. */
  add(item: T): void;
  /** So many bytes that were here have been asked for. */
  served(item: T, bytes: number): void;
  reweigh(item: T, weight: number): void;
  /** It has gone for another reason than to make room. */
  remove(item: T): void;
  /**
   * Takes out what should go next, and remembers that it was here.
   * @param busy what must stay for now
   */
  evict(busy: (item: T) => boolean): T | undefined;
}
