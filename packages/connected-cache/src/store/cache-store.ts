import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { WallTime } from '../clock.ts';
import { Ledger } from './ledger.ts';
import { loadObjects } from './load-objects.ts';
import { ObjectFiles } from './object-files.ts';
import type { ObjectRecord } from './object-record.ts';
import { OpenFiles } from './open-files.ts';
import type { Segment } from './segment.ts';
import { lockStore } from './store-lock.ts';
import { StoredObject } from './stored-object.ts';

export interface CacheStoreOptions {
  folder: string;
  maxBytes: number;
  maxObjects: number;
  wallTime: WallTime;
  /** Hears of background work on the disk that failed. */
  failed: (error: unknown) => void;
}

/** Objects without a stored byte that are remembered. */
const maxEmpty = 512;
const stampEveryMs = 3600 * 1000;
/** For how long nothing new is kept after the disk has refused a write. */
const restMs = 30_000;

/**
 * The objects of the cache: which there are, what of them is on disk, and which go when room is
 * needed. What is being read or filled is never evicted, so the limit can be exceeded by that much.
 */
export class CacheStore {
  readonly #options: CacheStoreOptions;
  readonly #index = new Map<string, StoredObject>();
  /** Of the index, those that nobody uses and of which nothing is on disk, oldest first. */
  readonly #empty = new Set<StoredObject>();
  readonly #ledger = new Ledger();
  readonly #open: OpenFiles;
  /** Objects of which something is on disk, and all folders, also those about to go. */
  readonly #stored = new Set<StoredObject>();
  readonly #files = new Set<ObjectFiles>();
  readonly #unlock: () => Promise<void>;
  #evicted = 0;
  #failedAt = Number.NEGATIVE_INFINITY;

  private constructor(options: CacheStoreOptions, unlock: () => Promise<void>) {
    this.#options = options;
    this.#open = new OpenFiles(options.failed);
    this.#unlock = unlock;
  }

  /**
   * Opens the folder and reads what it holds; damaged objects in it are removed.
   * @throws CacheBusy, and what the file operations throw
   */
  static async open(options: CacheStoreOptions): Promise<CacheStore> {
    const unlock = await lockStore(options.folder);
    const store = new CacheStore(options, unlock);
    try {
      const { objects, segments } = await loadObjects(join(options.folder, 'objects'), (o) =>
        store.#track(o),
      );
      for (const object of objects) store.#index.set(object.record.url, object);
      for (const segment of segments) store.#ledger.touch(segment);
      store.#makeRoom();
      return store;
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  /** Bytes of the pieces on disk. */
  get bytes(): number {
    return this.#ledger.bytes;
  }

  /** Objects of which something is on disk. */
  get objects(): number {
    return this.#stored.size;
  }

  /** Bytes evicted since the start. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Whether the disk takes new bytes, as far as is known. */
  get writable(): boolean {
    return this.#options.wallTime() - this.#failedAt >= restMs;
  }

  /** A write failed. */
  noteFailure(): void {
    this.#failedAt = this.#options.wallTime();
  }

  find(url: string): StoredObject | undefined {
    return this.#index.get(url);
  }

  /** A new state of the object at `record.url`; the one before is retired. */
  add(record: ObjectRecord): StoredObject {
    const before = this.#index.get(record.url);
    if (before) this.retire(before);
    const object = new StoredObject(record);
    this.#index.set(record.url, object);
    this.#setEmpty(object);
    return object;
  }

  /** Takes up what the source said anew about an unchanged object. */
  update(object: StoredObject, record: ObjectRecord): void {
    object.record = record;
    object.files?.saveRecord();
  }

  /** The object is not what its URL stands for any more; it goes when its last user leaves. */
  retire(object: StoredObject): void {
    object.current = false;
    if (this.#index.get(object.record.url) === object) this.#index.delete(object.record.url);
    this.#empty.delete(object);
    if (object.users === 0) this.#drop(object);
  }

  /** Keeps the object while it is answered from or filled. */
  use(object: StoredObject): void {
    object.users++;
    this.#empty.delete(object);
  }

  unuse(object: StoredObject): void {
    object.users--;
    if (object.users > 0) return;
    if (!object.current) this.#drop(object);
    else if (object.segments.size === 0) this.#setEmpty(object);
  }

  /** Keeps a segment on disk, and counts as a use of it. */
  pin(segment: Segment): void {
    segment.users++;
    this.#ledger.touch(segment);
    this.#open.inUse(segment);
  }

  unpin(segment: Segment): void {
    segment.users--;
    if (segment.users > 0) return;
    if (segment.bytes === 0) {
      this.#evict(segment);
      return;
    }
    this.#open.idle(segment);
    this.#makeRoom();
    const now = this.#options.wallTime();
    if (now - segment.stampedAt < stampEveryMs || !this.#isKept(segment)) return;
    segment.stampedAt = now;
    segment.files.stampSegment(segment.index, now);
  }

  /** Makes room for a piece that will be filled; pins its segment until `keep` or `release`. */
  reserve(object: StoredObject, piece: number): Segment {
    const files = object.files ?? this.#newFiles(object);
    const index = object.segmentIndex(piece);
    const segment = object.segments.get(index) ?? object.addSegment(index, files);
    this.pin(segment);
    this.#ledger.change(segment, 0, object.pieceLength(piece));
    this.#makeRoom();
    return segment;
  }

  /** The reserved piece is not filled after all. */
  release(segment: Segment, piece: number): void {
    this.#ledger.change(segment, 0, -segment.object.pieceLength(piece));
    this.unpin(segment);
  }

  /** The bytes of the reserved piece are on disk now. */
  keep(segment: Segment, piece: number, crc: number): void {
    const { object } = segment;
    const length = object.pieceLength(piece);
    segment.crcs[piece % object.record.segmentPieces] = crc;
    object.pieces.set(piece);
    object.checked.set(piece);
    this.#ledger.change(segment, length, -length);
    if (object.current) segment.files.log([{ piece, crc }]);
    this.unpin(segment);
  }

  /** The bytes of a piece turned out to be damaged or gone. */
  lose(object: StoredObject, piece: number): void {
    const segment = object.segmentOf(piece);
    if (!segment || !object.pieces.clear(piece)) return;
    object.checked.clear(piece);
    this.#ledger.change(segment, -object.pieceLength(piece), 0);
    segment.files.log([{ piece, crc: undefined }]);
  }

  /** Waits for work on the disk, closes files and gives the folder back. */
  async close(): Promise<void> {
    await this.#open.closeAll();
    await Promise.all([...this.#files].map((files) => files.settled()));
    await this.#unlock();
  }

  #isKept(segment: Segment): boolean {
    return segment.object.current && segment.object.segments.get(segment.index) === segment;
  }

  #makeRoom(): void {
    const { maxBytes, maxObjects } = this.#options;
    for (const segment of this.#ledger.idle()) {
      if (this.#ledger.charged <= maxBytes && this.#stored.size <= maxObjects) return;
      this.#evicted += segment.bytes;
      this.#evict(segment);
    }
  }

  #evict(segment: Segment): void {
    const { object, files } = segment;
    const first = segment.index * object.record.segmentPieces;
    const gone = [];
    for (let i = 0; i < segment.crcs.length; i++) {
      object.checked.clear(first + i);
      if (object.pieces.clear(first + i)) gone.push({ piece: first + i, crc: undefined });
    }
    this.#ledger.remove(segment);
    object.segments.delete(segment.index);
    const closed = this.#open.close(segment);
    if (object.segments.size === 0) {
      this.#removeFiles(object, files, closed);
    } else {
      if (gone.length > 0) files.log(gone);
      files.removeSegment(segment.index, closed);
    }
  }

  #drop(object: StoredObject): void {
    const closing = [];
    for (const segment of object.segments.values()) {
      this.#ledger.remove(segment);
      closing.push(this.#open.close(segment));
    }
    object.segments.clear();
    if (object.files) this.#removeFiles(object, object.files, Promise.all(closing));
  }

  #removeFiles(object: StoredObject, files: ObjectFiles, closed: Promise<unknown>): void {
    object.files = undefined;
    this.#stored.delete(object);
    files.remove(closed);
    files.settled().then(() => this.#files.delete(files));
    if (object.current && object.users === 0) this.#setEmpty(object);
  }

  #setEmpty(object: StoredObject): void {
    this.#empty.add(object);
    for (const oldest of this.#empty) {
      if (this.#empty.size <= maxEmpty) return;
      this.#empty.delete(oldest);
      this.#index.delete(oldest.record.url);
      oldest.current = false;
    }
  }

  #newFiles(object: StoredObject): ObjectFiles {
    const name = createHash('sha256').update(object.record.url).digest('hex').slice(0, 32);
    const unique = `${name}-${randomBytes(4).toString('hex')}`;
    const folder = join(this.#options.folder, 'objects', name.slice(0, 2), unique);
    object.files = this.#track({ object, directory: folder, made: false });
    return object.files;
  }

  #track(of: { object: StoredObject; directory: string; made: boolean }): ObjectFiles {
    const files = new ObjectFiles({ ...of, failed: this.#options.failed });
    this.#files.add(files);
    this.#stored.add(of.object);
    return files;
  }
}
