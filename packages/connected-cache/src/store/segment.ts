import type { Drive } from './drive.ts';
import type { Evictable } from './eviction/eviction-policy.ts';
import type { LinkedQueue } from './eviction/linked-queue.ts';
import type { DataFile } from './store-files.ts';
import type { StoredObject } from './stored-object.ts';

/**
 * A row of pieces of one object that share a data file: the unit of eviction. An object of up to
 * `segmentPieces` pieces is one file; of a longer one, what is not asked for can go.
 */
export class Segment implements Evictable {
  readonly object: StoredObject;
  readonly index: number;
  readonly drive: Drive;
  /** Of its data file on the drive, and of no other ever. */
  readonly id: number;
  /** Offset of its first byte in the object. */
  readonly start: number;
  /** CRC-32 of each piece that is there, by its place in the segment. */
  readonly crcs: Uint32Array;
  /** Bytes of the pieces that are there. */
  bytes = 0;
  /** Bytes of the pieces that are being filled. */
  reserved = 0;
  /** Who reads or fills it just now; it is not evicted meanwhile. */
  users = 0;
  /** Wall time in ms of the last use, and of the last one that is in the index. */
  usedAt = 0;
  notedAt = 0;
  /** Whether the index knows of it. */
  noted = false;

  weight = 0;
  heat = 0;
  credit = 0;
  queue: LinkedQueue | undefined = undefined;
  older: Segment | undefined = undefined;
  newer: Segment | undefined = undefined;
  #file: Promise<DataFile> | undefined;

  constructor(object: StoredObject, index: number, drive: Drive, id: number) {
    const { segmentPieces } = object;
    const first = index * segmentPieces;
    this.object = object;
    this.index = index;
    this.drive = drive;
    this.id = id;
    this.start = first * object.geometry.pieceSize;
    this.crcs = crcSlots(Math.min(segmentPieces, object.pieces.length - first));
  }

  /** The same for what holds the same bytes after it was evicted and fetched again. */
  get key(): number {
    return (Math.imul(this.object.urlHash ^ this.index, 0x9e3779b1) ^ this.index) >>> 0;
  }

  /** Whether it is what its object has of these pieces; else it goes when its last user leaves. */
  get isCurrent(): boolean {
    return this.object.segments[this.index] === this;
  }

  /** The number of its first piece. */
  get firstPiece(): number {
    return this.index * this.object.segmentPieces;
  }

  /** The open data file; only for those who pinned the segment. @throws what opening throws */
  file(): Promise<DataFile> {
    this.#file ??= this.drive.openData(this.id).catch((error) => {
      this.#file = undefined;
      throw error;
    });
    return this.#file;
  }

  /** Closes the file when it is open; it opens again when needed. */
  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await (await file)?.close();
  }
}

const slabSlots = 16_384;
let slab = new Uint32Array(0);

/** A view into a larger array, since each array of its own takes some 200 bytes more. */
function crcSlots(count: number): Uint32Array {
  if (count > slabSlots / 16) return new Uint32Array(count);
  if (slab.length < count) slab = new Uint32Array(slabSlots);
  const slots = slab.subarray(0, count);
  slab = slab.subarray(count);
  return slots;
}
