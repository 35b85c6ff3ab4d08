import type { Clock } from '@sluice/protocol';
import type { WallTime } from '../clock.ts';
import { type ContentClass, ContentClasses } from './content-classes.ts';
import type { Drive } from './drive.ts';
import { DriveFleet, type DriveOptions } from './drive-fleet.ts';
import { Expiry } from './expiry.ts';
import { FoldedRecords } from './folded-records.ts';
import { ObjectIndex } from './object-index.ts';
import type { ObjectRecord } from './object-record.ts';
import { OpenFiles } from './open-files.ts';
import { Pins } from './pins.ts';
import type { Segment } from './segment.ts';
import { Shelf } from './shelf.ts';
import { realStoreFiles, type StoreFiles } from './store-files.ts';
import { isNewer, StoredObject } from './stored-object.ts';

export interface CacheStoreOptions {
  drives: readonly DriveOptions[];
  /** The most data files. */
  maxFiles: number;
  /** Bytes. */
  pieceSize: number;
  classes?: readonly ContentClass[];
  clock: Clock;
  wallTime: WallTime;
  files?: StoreFiles | undefined;
  /** Hears of background work on the disk that failed. */
  failed: (error: unknown) => void;
  /** For the log: drives that fail and come back. */
  told?: (text: string, facts: object) => void;
}

/**
 * The objects of the cache: which there are, what of them is on disk, and which go when room is
 * needed. What is being read or filled is never evicted, so the limit can be exceeded by that much.
 */
export class CacheStore {
  readonly classes: ContentClasses;
  readonly fleet: DriveFleet;
  readonly pins: Pins;
  /** Hears of each object of which something goes, or of which something new is known only. */
  changed: (object: StoredObject, isGone: boolean) => void = () => {};
  readonly #options: CacheStoreOptions;
  readonly #index = new ObjectIndex();
  readonly #folded = new FoldedRecords();
  readonly #open: OpenFiles;
  readonly #shelf: Shelf;
  readonly #expiry: Expiry;

  private constructor(options: CacheStoreOptions) {
    const { classes = [], files = realStoreFiles, told = () => {} } = options;
    this.#options = options;
    this.classes = new ContentClasses(classes);
    this.#open = new OpenFiles(options.failed);
    this.#expiry = new Expiry(this.classes, options.wallTime);
    this.#shelf = new Shelf({
      open: this.#open,
      wallTime: options.wallTime,
      // Without any, what is written fails, which those who fill know how to bear.
      place: ({ urlHash }) => this.fleet.place(urlHash) ?? this.fleet.drives[0]!,
      goes: (object) => this.changed(object, true),
      emptied: (object) => {
        if (object.current && object.users === 0) this.#index.setEmpty(object);
      },
    });
    this.fleet = new DriveFleet({
      ...options,
      files,
      classes,
      told,
      opened: (drive, objects, proved) => this.#take(drive, objects, proved),
      lost: (drive) => this.#detachAll(drive),
      shrunk: (drive) => this.#shelf.makeRoom(drive),
    });
    this.pins = new Pins(files, options.drives[0]!.folder, () => this.#repin());
  }

  /**
   * Opens the drives and reads what they hold.
   * @throws CacheBusy, and what the file operations throw, when no drive can be used
   */
  static async open(options: CacheStoreOptions): Promise<CacheStore> {
    const store = new CacheStore(options);
    try {
      await store.pins.load().catch(options.failed);
      await store.fleet.open();
      return store;
    } catch (error) {
      await store.fleet.close();
      throw error;
    }
  }

  /** Bytes of the pieces on disk. */
  get bytes(): number {
    return this.fleet.drives.reduce((sum, { space }) => sum + space.bytes, 0);
  }

  /** Objects of which something is on disk. */
  get objects(): number {
    return this.fleet.drives.reduce((sum, { objects }) => sum + objects.size, 0);
  }

  /** Bytes evicted since the start. */
  get evicted(): number {
    return this.#shelf.evicted;
  }

  /** Whether the disk takes new bytes, as far as is known. */
  get writable(): boolean {
    return this.fleet.takes;
  }

  /** Whether bytes of this object can be kept just now. */
  takes(object: StoredObject): boolean {
    return object.drive ? object.drive.takes : this.fleet.takes;
  }

  /** Writing bytes of the segment failed. */
  noteFailure(segment: Segment, error: unknown): void {
    this.fleet.failed(segment.drive, error);
  }

  /**
   * To be asked after writing bytes of the object failed: whether to try again, since there is room
   * now or another drive. Its pieces may be gone then.
   */
  async recover(object: StoredObject): Promise<boolean> {
    await this.fleet.settled();
    if (object.drive && !object.drive.takes && this.fleet.takes) this.#shelf.removeAll(object);
    return this.takes(object);
  }

  /** All that is current. */
  all(): Iterable<StoredObject> {
    return this.#index.values();
  }

  find(url: string): StoredObject | undefined {
    const object = this.#index.get(url);
    if (!object) return undefined;
    if (object.users === 0 && (!object.hasRecord || this.#expiry.has(object))) {
      this.retire(object);
      return undefined;
    }
    return object;
  }

  /** A new state of the object at `record.url`; the one before is retired. */
  add(record: ObjectRecord): StoredObject {
    for (const over of this.#expiry.over(this.all())) this.retire(over);
    const before = this.#index.get(record.url);
    if (before) this.retire(before);
    const object = new StoredObject(record);
    this.#enter(object);
    this.#index.setEmpty(object);
    return object;
  }

  /** Takes up what the source said anew about an unchanged object. */
  update(object: StoredObject, record: ObjectRecord): void {
    object.record = record;
    this.changed(object, false);
    if (object.noted) this.#shelf.noteObject(object);
  }

  /** The object is not what its URL stands for any more; it goes when its last user leaves. */
  retire(object: StoredObject): void {
    this.#index.remove(object);
    this.changed(object, true);
    if (object.users === 0) this.#shelf.removeAll(object);
  }

  /** Keeps the object while it is answered from or filled. */
  use(object: StoredObject): void {
    object.users++;
    this.#index.setInUse(object);
  }

  unuse(object: StoredObject): void {
    object.users--;
    if (object.users > 0) return;
    this.#folded.touch(object);
    if (!object.current) this.#shelf.removeAll(object);
    else if (object.segmentCount === 0) this.#index.setEmpty(object);
  }

  /** Keeps a segment on disk. */
  pin(segment: Segment): void {
    segment.users++;
    segment.usedAt = this.#options.wallTime();
    this.#open.inUse(segment);
  }

  unpin(segment: Segment): void {
    segment.users--;
    if (segment.users > 0) return;
    if (!segment.isCurrent) {
      this.#shelf.discard(segment);
    } else if (segment.bytes === 0) {
      this.#shelf.remove(segment);
    } else {
      this.#open.idle(segment);
      this.#shelf.makeRoom(segment.drive);
      this.#shelf.noteUse(segment);
    }
  }

  /** So many bytes of the piece were here, and have been asked for: what is wanted stays. */
  served(object: StoredObject, piece: number, bytes: number): void {
    const segment = object.segmentOf(piece);
    if (!segment) return;
    segment.usedAt = this.#options.wallTime();
    segment.drive.space.served(segment, bytes);
  }

  /** Makes room for a piece that will be filled; pins its segment until `keep` or `release`. */
  reserve(object: StoredObject, piece: number): Segment {
    const index = object.segmentIndex(piece);
    const segment = object.segments[index] ?? this.#shelf.newSegment(object, index);
    this.pin(segment);
    segment.drive.space.change(segment, 0, object.pieceLength(piece));
    this.#shelf.makeRoom(segment.drive);
    return segment;
  }

  /** The reserved piece is not filled after all. */
  release(segment: Segment, piece: number): void {
    segment.drive.space.change(segment, 0, -segment.object.pieceLength(piece));
    this.unpin(segment);
  }

  /** The bytes of the reserved piece are on disk now. */
  keep(segment: Segment, piece: number, crc: number): void {
    if (!segment.isCurrent) {
      this.release(segment, piece);
      return;
    }
    this.#shelf.keep(segment, piece, crc);
    this.unpin(segment);
  }

  /** The bytes of a piece turned out to be damaged or gone. @param error of the read, if it failed */
  lose(object: StoredObject, piece: number, error?: unknown): void {
    const segment = this.#shelf.lose(object, piece);
    if (segment && error !== undefined) this.fleet.readFailed(segment.drive, error);
  }

  /** Waits for work on the disk, closes files and gives the folders back. */
  async close(): Promise<void> {
    await this.#open.closeAll();
    await this.fleet.close();
  }

  #enter(object: StoredObject): void {
    this.#index.set(object);
    object.className = this.classes.nameOf(object.url);
    object.pinned = this.pins.has(object.url);
  }

  /** What an opened drive has; of two objects with one URL the one that is in use already stays. */
  #take(drive: Drive, objects: Iterable<StoredObject>, proved: ReadonlySet<Segment>): void {
    for (const object of objects) {
      const known = this.#index.get(object.url);
      if (known && (known.users > 0 || (known.drive && !isNewer(object, known)))) {
        drive.note({ kind: 'objectGone', id: object.id });
        continue;
      }
      if (known) this.retire(known);
      this.#enter(object);
      drive.objects.add(object);
    }
    this.#shelf.restore(drive, proved);
  }

  /** The drive is lost, and with it what was on it; those under way go on with another. */
  #detachAll(drive: Drive): void {
    for (const object of [...drive.objects]) {
      this.#shelf.removeAll(object);
      if (object.users === 0 && object.current) this.#index.remove(object);
    }
  }

  #repin(): void {
    for (const object of this.#index.values()) {
      const pinned = this.pins.has(object.url);
      if (pinned === object.pinned) continue;
      object.pinned = pinned;
      for (const segment of object.eachSegment()) segment.drive.space.repin(segment);
    }
  }
}
