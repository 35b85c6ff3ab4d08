import type { WallTime } from '../clock.ts';
import { DriveFolder } from './drive-folder.ts';
import type { DriveIssues } from './drive-issue.ts';
import { DriveSpace, type SpaceLimits } from './eviction/drive-space.ts';
import type { IndexEntry } from './index/index-entries.ts';
import { IndexLog } from './index/index-log.ts';
import { IndexState } from './index/index-state.ts';
import { readIndex } from './index/read-index.ts';
import type { Segment } from './segment.ts';
import type { DataFile, StoreFiles } from './store-files.ts';
import type { StoredObject } from './stored-object.ts';

export interface DriveDeps {
  files: StoreFiles;
  wallTime: WallTime;
  issues: DriveIssues;
  /** Limits of a drive that has all its bytes. */
  limits: SpaceLimits;
  /** The drive has failed at background work. */
  failed: (error: unknown, drive: Drive) => void;
}

/** Of the file system so much stays free, but no more than 256 MiB. */
const freeShare = 0.01;
const mostFree = 256 * 1024 * 1024;
/** After so many bytes (fewer on a small drive) or so long the real free space is looked at again. */
const measureBytes = 64 * 1024 * 1024;
const measureMs = 10_000;
/** A drive with less than this part of what it is said to have is reported. */
const tooSmall = 0.9;

/** A folder with objects in it, their index, and what is known of its room. */
export class Drive {
  readonly folder: string;
  readonly maxBytes: number;
  readonly objects = new Set<StoredObject>();
  space: DriveSpace<Segment>;
  /** Whether it is open; else it has been put aside. */
  ready = false;
  /** Whether it can be read only: writing has failed, and nothing new is put on it for a while. */
  resting = false;
  readonly #deps: DriveDeps;
  readonly #folder: DriveFolder;
  #log: IndexLog | undefined;
  #removals: Promise<void> = Promise.resolve();
  #removing = 0;
  /** Whether the index has not been told of something. */
  #unnoted = false;
  #written = 0;
  #measuredAt = 0;

  constructor(folder: string, maxBytes: number, deps: DriveDeps) {
    this.folder = folder;
    this.maxBytes = maxBytes;
    this.#deps = deps;
    this.#folder = new DriveFolder(folder, deps.files);
    this.space = new DriveSpace(deps.limits);
  }

  /** Whether something may be put on it now. */
  get takes(): boolean {
    return this.ready && !this.resting;
  }

  /** Bytes until room must be made. */
  get room(): number {
    return Math.max(0, this.space.limits.high - this.space.weight);
  }

  /**
   * Opens the folder and reads its index.
   * @returns its objects, not yet in `space`, and whether an older cache was emptied
   * @throws CacheBusy, and what the file operations throw
   */
  async open(): Promise<{
    objects: Iterable<StoredObject>;
    proved: Set<Segment>;
    emptied: boolean;
  }> {
    const { files, failed } = this.#deps;
    const { emptied } = await this.#folder.open();
    try {
      const state = new IndexState(this);
      const read = await readIndex(files, this.#folder.index, state);
      this.space = new DriveSpace({ ...this.#deps.limits });
      this.objects.clear();
      this.#log = new IndexLog({
        files,
        folder: this.#folder.index,
        read,
        everything: () => this.#everything(),
        failed: (error) => failed(error, this),
      });
      this.ready = true;
      this.resting = false;
      return { objects: state.objects(), proved: state.proved, emptied };
    } catch (error) {
      await this.#folder.close();
      throw error;
    }
  }

  /** Removes data files that belong to nothing. */
  async removeStrays(): Promise<void> {
    const known = new Set<number>();
    for (const object of this.objects) {
      for (const segment of object.segments) if (segment) known.add(segment.id);
    }
    await this.#folder.removeStrays((id) => known.has(id));
  }

  newId(): number {
    return this.#folder.newId();
  }

  note(entry: IndexEntry): void {
    // What is on a drive that was put aside is still there when it comes back.
    if (!this.ready) return;
    if (this.resting) this.#unnoted = true;
    else this.#log?.note(entry);
  }

  /** @throws what the file operations throw */
  async openData(id: number): Promise<DataFile> {
    if (!this.ready) throw new Error(`${this.folder} has been put aside`);
    return this.#folder.openData(id);
  }

  /** Removes the data file of a segment, one after another. @param closed when it is no longer open */
  removeData(segment: Segment, closed: Promise<void>): void {
    this.#removing += segment.bytes;
    this.#removals = this.#removals
      .then(async () => {
        await closed;
        if (this.ready) await this.#folder.removeData(segment.id);
      })
      .catch((error) => this.#deps.failed(error, this))
      .finally(() => {
        this.#removing -= segment.bytes;
      });
  }

  /** So many bytes were written to it. */
  wrote(bytes: number): void {
    this.#written += bytes;
    const late = this.#deps.wallTime() - this.#measuredAt >= measureMs;
    if (this.#written < Math.min(measureBytes, this.maxBytes / 64) && !late) return;
    this.measure().catch((error) => this.#deps.failed(error, this));
  }

  /** Looks how much the file system really has left, and fits the limit to it. @throws what statfs throws */
  async measure(): Promise<void> {
    this.#written = 0;
    this.#measuredAt = this.#deps.wallTime();
    const { files, issues, limits } = this.#deps;
    const free = await files.freeBytes(this.folder);
    const { space } = this;
    // What is being removed is free as soon as that is done; what is being written is not on disk yet.
    const usable =
      space.bytes + this.#removing + free - Math.min(mostFree, this.maxBytes * freeShare);
    space.limits.high = Math.max(0, Math.min(limits.high, usable));
    if (space.limits.high >= limits.high * tooSmall) issues.end(this.folder, 'DriveTooSmall');
    else {
      const detail = `${Math.floor(space.limits.high)} of ${limits.high} bytes can be used`;
      issues.begin(this.folder, 'DriveTooSmall', detail);
    }
  }

  /** Tries whether it can be written to again. @throws what writing throws */
  async wake(): Promise<void> {
    await this.#folder.probe();
    this.resting = false;
    if (this.#unnoted) this.#log?.snapshot();
    this.#unnoted = false;
  }

  /** Whether the folder is still the one that was opened. */
  isThere(): Promise<boolean> {
    return this.#folder.isThere();
  }

  /** Resolves when what was asked for so far has been removed. */
  removed(): Promise<void> {
    return this.#removals;
  }

  /** Waits for what is under way, writes the last of the index and gives the folder back. */
  async close(): Promise<void> {
    await this.#removals;
    await this.#log?.close();
    await this.#folder.close();
  }

  /** Lets go of it as it is: it has failed. */
  async abandon(): Promise<void> {
    this.ready = false;
    const log = this.#log;
    this.#log = undefined;
    await log?.abandon();
    await this.#folder.close();
  }

  *#everything(): Generator<IndexEntry> {
    for (const object of [...this.objects]) {
      if (object.drive !== this || !object.noted) continue;
      yield { kind: 'object', id: object.id, described: object.described };
      for (const segment of object.eachSegment()) {
        if (segment.noted) yield { kind: 'segmentState', state: this.#stateOf(segment) };
      }
    }
  }

  #stateOf(segment: Segment) {
    const { id, object, index, usedAt, heat, crcs, firstPiece } = segment;
    const pieces = new Uint32Array(2 * crcs.length);
    let length = 0;
    for (let i = 0; i < crcs.length; i++) {
      if (!object.pieces.has(firstPiece + i)) continue;
      pieces[length++] = i;
      pieces[length++] = crcs[i]!;
    }
    const proved = this.space.hasProved(segment);
    const there = pieces.subarray(0, length);
    return { id, object: object.id, index, usedAt, heat, proved, pieces: there };
  }
}
