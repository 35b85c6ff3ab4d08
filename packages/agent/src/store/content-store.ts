import { randomBytes } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { type Clock, sluiceError } from '@sluice/protocol';
import { systemClock } from '../clock/system-clock.ts';
import { adoptEntry } from './adopt-entry.ts';
import { changeStored } from './caching.ts';
import { type ContentDescription, checkDescription } from './content-description.ts';
import type { CachingChange, ContentEntry } from './content-entry.ts';
import { diskError, errnoOf } from './disk-error.ts';
import { type DamageReport, setAside } from './entry-files.ts';
import { acquireLock, type EntryLock } from './entry-lock.ts';
import { type EntryPaths, entryPaths, folderNameOf, isFolderName } from './entry-paths.ts';
import { readEntryRecord } from './entry-record.ts';
import { FileEntry } from './file-entry.ts';
import { type FileOps, realFiles } from './file-ops.ts';
import type { PieceWorker } from './piece-worker.ts';
import { prepareEntry } from './prepare-entry.ts';
import { type SurveyedEntry, surveyFolder } from './survey.ts';

/** Contents on disk, each in a folder of its own, shared safely with other processes. */
export interface ContentStore {
  /**
   * Opens the entry of a content, making it when absent. What is there is kept as far as it is sure to
   * belong to this content, which after a power loss means reading it all.
   * @throws ContentBusy when it is open already, here or elsewhere; DiskFull when it will not fit;
   *   InvalidArgument, PhfMismatch, DiskUnwritable, DiskFailed, Cancelled.
   */
  open(description: ContentDescription, signal?: AbortSignal): Promise<ContentEntry>;
  /** All entries, for a start after a crash. Damaged ones are set aside and not listed. */
  entries(): Promise<StoredEntry[]>;
  /**
   * What was fetched under another key and without digests becomes the beginning of this content, which
   * is opened next: each of its pieces is held against its digest then. What cannot be used is deleted.
   * @throws ContentBusy when `key` is open.
   */
  adopt(key: string, description: ContentDescription): Promise<void>;
  /** All entries as they lie on the disk, for who decides which of them to keep. */
  survey(): Promise<SurveyedEntry[]>;
  /** Changes how long an entry is kept, open or not; none there is no fault. @throws ContentBusy when another process has it open. */
  setCaching(key: string, change: CachingChange): Promise<void>;
  /** Deletes an entry; none there is no fault. @throws ContentBusy when it is open. */
  remove(key: string): Promise<void>;
  /** Closes all entries. */
  close(): Promise<void>;
}

export interface StoredEntry {
  /** What `open` takes, less the digests: the store has them. */
  description: ContentDescription;
  /** Whether it was delivered and kept, to be served to peers. */
  delivered: boolean;
}

export interface ContentStoreOptions {
  /** Folder of the store; made when absent. */
  root: string;
  worker: PieceWorker;
  /** Real by default. */
  clock?: Clock;
  /** Told of a damaged entry, and the folder where what is left of it lies. */
  onDamaged?: (what: { folder: string; detail: string }) => void;
  /** Real by default. */
  files?: FileOps;
  /** See `PrepareContext`. */
  makeRoom?: (bytes: number) => Promise<void>;
}

/** @throws DiskUnwritable, DiskFailed, DiskFull when the folder cannot be made. */
export async function openContentStore(options: ContentStoreOptions): Promise<ContentStore> {
  const store = new FolderStore(options);
  await store.prepare();
  return store;
}

/** The end of the name of a folder that is being deleted. */
const deleted = '.deleted';

class FolderStore implements ContentStore {
  readonly #worker: PieceWorker;
  readonly #clock: Clock;
  readonly #contentFolder: string;
  readonly #files: FileOps;
  readonly #makeRoom: ContentStoreOptions['makeRoom'];
  readonly #damage: DamageReport;
  readonly #open = new Set<FileEntry>();
  #closed = false;

  constructor(options: ContentStoreOptions) {
    const { root, worker, clock = systemClock, onDamaged = () => {} } = options;
    const { files = realFiles } = options;
    this.#files = files;
    this.#makeRoom = options.makeRoom;
    this.#worker = worker;
    this.#clock = clock;
    this.#contentFolder = join(resolve(root), 'content');
    this.#damage = { damagedFolder: join(resolve(root), 'damaged'), onDamaged, files };
  }

  /** Makes the folder, and ends deletions that a kill cut short. */
  prepare(): Promise<void> {
    return this.#onDisk(this.#contentFolder, async () => {
      await mkdir(this.#contentFolder, { recursive: true, mode: 0o700 });
      for (const name of await readdir(this.#contentFolder)) {
        if (!name.endsWith(deleted)) continue;
        await this.#files.removeTree(join(this.#contentFolder, name));
      }
    });
  }

  async open(d: ContentDescription, signal?: AbortSignal): Promise<ContentEntry> {
    if (this.#closed) throw sluiceError('StoreClosed', { key: d.key });
    checkDescription(d);
    const paths = this.#pathsOf(d.key);
    return this.#onDisk(paths.folder, async () => {
      const lock = await this.#lock(d.key, paths);
      try {
        const reservedBytes = [...this.#open].reduce((sum, e) => sum + e.missingBytes, 0);
        const makeRoom = this.#makeRoom;
        const context = { ...this.#damage, reservedBytes, makeRoom, signal };
        // Before the files are made: a thread takes as long to start as they do.
        if (d.digests) this.#worker.prepare(d.contentLength);
        const prepared = await prepareEntry(paths, d, context);
        const entry: FileEntry = new FileEntry(paths, prepared, {
          worker: this.#worker,
          clock: this.#clock,
          files: this.#files,
          release: async () => {
            this.#open.delete(entry);
            await lock.release();
          },
          discard: async () => {
            this.#open.delete(entry);
            await this.#discard(paths.folder);
          },
        });
        this.#open.add(entry);
        return entry;
      } catch (error) {
        await lock.release();
        throw error;
      }
    });
  }

  entries(): Promise<StoredEntry[]> {
    return this.#onDisk(this.#contentFolder, async () => {
      const found: StoredEntry[] = [];
      for (const name of (await readdir(this.#contentFolder)).filter(isFolderName)) {
        const folder = join(this.#contentFolder, name);
        try {
          const entry = await this.#entryIn(entryPaths(folder));
          if (entry) found.push(entry);
        } catch (error) {
          // One that cannot be read must not hide the others.
          this.#damage.onDamaged({ folder, detail: diskError(error, folder).message });
        }
      }
      return found;
    });
  }

  async adopt(key: string, d: ContentDescription): Promise<void> {
    const from = this.#pathsOf(key);
    await this.#onDisk(from.folder, async () => {
      const lock = await this.#lockExisting(key, from);
      if (!lock) return;
      try {
        if (!(await adoptEntry(from, this.#pathsOf(d.key), d, this.#files)))
          await this.#discard(from.folder);
      } catch (error) {
        await lock.release();
        throw error;
      }
    });
  }

  survey(): Promise<SurveyedEntry[]> {
    return this.#onDisk(this.#contentFolder, async () => {
      const open = new Map([...this.#open].map((entry) => [entry.key, entry]));
      return surveyFolder(this.#contentFolder, open);
    });
  }

  async setCaching(key: string, change: CachingChange): Promise<void> {
    const open = [...this.#open].find((entry) => entry.key === key);
    if (open) return open.setCaching(change);
    const paths = this.#pathsOf(key);
    await this.#onDisk(paths.folder, async () => {
      const lock = await this.#lockExisting(key, paths);
      try {
        if (lock) await changeStored(paths.record, change, this.#files);
      } finally {
        await lock?.release();
      }
    });
  }

  async remove(key: string): Promise<void> {
    const paths = this.#pathsOf(key);
    await this.#onDisk(paths.folder, async () => {
      const lock = await this.#lockExisting(key, paths);
      if (!lock) return;
      try {
        // The lock goes with the folder.
        await this.#discard(paths.folder);
      } catch (error) {
        await lock.release();
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#open].map((entry) => entry.close()));
  }

  async #entryIn(paths: EntryPaths): Promise<StoredEntry | undefined> {
    const record = await readEntryRecord(paths.record);
    if (record === undefined) {
      // Left by a kill in the middle of making or deleting it.
      await this.#ifFree(paths, () => this.#discard(paths.folder));
      return undefined;
    }
    if (typeof record === 'string' || folderNameOf(record.key) !== basename(paths.folder)) {
      const detail = typeof record === 'string' ? record : 'entry.json is of another key';
      await this.#ifFree(paths, () => setAside(paths, detail, this.#damage));
      return undefined;
    }
    const { seal: _, caching: __, delivered = false, ...description } = record;
    return { description, delivered };
  }

  /** Runs `work` with the lock held; not when it is open: whoever has it open looks after it. */
  async #ifFree(paths: EntryPaths, work: () => Promise<void>): Promise<void> {
    try {
      const lock = await acquireLock(paths.lock);
      if (typeof lock === 'string') return;
      try {
        await work();
      } finally {
        await lock.release();
      }
    } catch (error) {
      // Gone: somebody else deleted it first.
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  }

  async #lock(key: string, paths: EntryPaths): Promise<EntryLock> {
    for (;;) {
      await mkdir(paths.folder, { recursive: true, mode: 0o700 });
      const lock = await this.#lockExisting(key, paths);
      if (lock) return lock;
    }
  }

  /** Undefined when the folder is not there, or was deleted meanwhile. */
  async #lockExisting(key: string, paths: EntryPaths): Promise<EntryLock | undefined> {
    try {
      const lock = await acquireLock(paths.lock);
      if (typeof lock === 'string') throw sluiceError('ContentBusy', { key, owner: lock });
      return lock;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Away under its name at once, then deleted. */
  async #discard(folder: string): Promise<void> {
    const away = `${folder}-${randomBytes(6).toString('hex')}${deleted}`;
    await this.#files.rename(folder, away);
    await this.#files.removeTree(away);
  }

  #pathsOf(key: string): EntryPaths {
    return entryPaths(join(this.#contentFolder, folderNameOf(key)));
  }

  async #onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw diskError(error, path);
    }
  }
}
