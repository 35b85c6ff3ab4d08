import type { Hash } from 'node:crypto';
import type { Counters } from '../stats.ts';
import type { BufferPool } from '../store/buffer-pool.ts';
import type { CacheStore } from '../store/cache-store.ts';
import type { Segment } from '../store/segment.ts';
import type { Fill } from './fill.ts';

/** What a fill needs of those around it. */
export interface FillHost {
  readonly store: CacheStore;
  readonly counters: Counters;
  /** Which fill brings a piece. */
  readonly claims: Map<number, Fill>;
  /** Buffers for what comes. */
  readonly pool: BufferPool;
  /** SHA-256 of a piece, when it is known. */
  digestOf(piece: number): Uint8Array | undefined;
  /** The bytes of a piece have come, and are not those of the digest. */
  isBad(piece: number, fill: Fill): void;
  /** So many bytes have come. */
  received(fill: Fill, bytes: number): void;
  /** A piece is on disk. */
  kept(piece: number): void;
  /** It takes no more bytes: what it had claimed and did not get is free. */
  over(fill: Fill): void;
  /** Whether anybody waits for a piece of these. */
  wanted(first: number, last: number): boolean;
  /** The fill has ended, one way or the other, and left no work behind. */
  ended(fill: Fill): void;
}

/** A piece whose bytes come in or wait for the disk. */
export interface Arriving {
  segment: Segment;
  crc: number;
  /** Undefined when there is nothing to hold it against. */
  hash: Hash | undefined;
}
