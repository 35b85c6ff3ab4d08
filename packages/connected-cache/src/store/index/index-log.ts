import { join } from 'node:path';
import type { DataFile, StoreFiles } from '../store-files.ts';
import { encodeEntries, type IndexEntry } from './index-entries.ts';
import { logName, type ReadIndex, snapshotName } from './read-index.ts';

export interface IndexLogOptions {
  files: StoreFiles;
  folder: string;
  /** What was read of the index before. */
  read: ReadIndex;
  /** All that the index should say, for a snapshot; may be walked while it changes. */
  everything(): Iterable<IndexEntry>;
  /** Hears of work that failed; what is on disk is then behind until the next snapshot. */
  failed: (error: unknown) => void;
}

/** A snapshot is due when the logs have that many bytes, or a quarter of what it has itself. */
const leastLog = 4 * 1024 * 1024;
const chunkBytes = 256 * 1024;

/**
 * Writes the index of a drive: changes go to the end of a log; a snapshot makes the logs before it
 * needless. While one is written changes go to the next log, and each of them says how things are
 * from then on, so that it does not matter whether the snapshot has it already.
 */
export class IndexLog {
  readonly #options: IndexLogOptions;
  #number: number;
  #file: DataFile | undefined;
  #pending: IndexEntry[] = [];
  #logged: number;
  #snapshotBytes: number;
  /** Whether entries were lost that the next snapshot will have. */
  #behind: boolean;
  #due = false;
  #appending: Promise<void> = Promise.resolve();
  #snapshotting: Promise<void> = Promise.resolve();

  constructor(options: IndexLogOptions) {
    const { next, logged, snapshot, damaged } = options.read;
    this.#options = options;
    this.#number = next - 1;
    this.#logged = logged;
    this.#snapshotBytes = snapshot;
    this.#behind = damaged;
  }

  /** Notes what has happened; after the bytes were written. */
  note(entry: IndexEntry): void {
    this.#pending.push(entry);
    if (this.#pending.length === 1) this.#append(() => this.#flush());
  }

  /** Has all of it written anew. */
  snapshot(): void {
    if (this.#due) return;
    this.#due = true;
    this.#snapshotting = this.#snapshotting
      .then(() => this.#snapshot())
      .catch(this.#options.failed);
  }

  /** When all that was asked for is done. */
  async settled(): Promise<void> {
    await this.#snapshotting;
    await this.#appending;
  }

  /** Writes what is left and a last snapshot, which has the order in which things are to go. */
  async close(): Promise<void> {
    this.snapshot();
    await this.abandon();
  }

  /** Ends without a word more than was asked for already. */
  async abandon(): Promise<void> {
    await this.settled();
    await this.#end().catch(this.#options.failed);
  }

  async #flush(): Promise<void> {
    const frames = encodeEntries(this.#pending);
    this.#pending = [];
    try {
      this.#file ??= await this.#begin();
      this.#logged += await writeAll(this.#file, frames);
    } catch (error) {
      // The log may be torn here, and what follows would not count.
      this.#behind = true;
      await this.#end();
      throw error;
    }
    const most = Math.max(leastLog, this.#snapshotBytes / 4);
    if (this.#behind || this.#logged > most) this.snapshot();
  }

  async #snapshot(): Promise<void> {
    this.#due = false;
    const { files, folder } = this.#options;
    let number = 0;
    await this.#append(async () => {
      await this.#end();
      this.#file = await this.#begin();
      number = this.#number;
    });
    if (number === 0) return;
    this.#behind = false;
    this.#logged = 0;
    try {
      const path = join(folder, snapshotName(number));
      this.#snapshotBytes = await this.#writeSnapshot(`${path}.new`);
      await files.rename(`${path}.new`, path);
    } catch (error) {
      this.#behind = true;
      throw error;
    }
    await files.syncFolder(folder);
    for (const name of await files.list(folder)) {
      if (Number.parseInt(name, 10) < number) await files.remove(join(folder, name));
    }
  }

  async #writeSnapshot(path: string): Promise<number> {
    const file = await this.#options.files.open(path, 'w');
    let bytes = 0;
    try {
      for (const frames of chunks(this.#options.everything()))
        bytes += await writeAll(file, frames);
      // Before the rename: else the name may reach the disk before the bytes.
      await file.sync();
    } finally {
      await file.close();
    }
    return bytes;
  }

  async #begin(): Promise<DataFile> {
    this.#number++;
    return this.#options.files.open(join(this.#options.folder, logName(this.#number)), 'a');
  }

  async #end(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  #append(work: () => Promise<void>): Promise<void> {
    this.#appending = this.#appending.then(work).catch(this.#options.failed);
    return this.#appending;
  }
}

/** Frames of at least 256 KiB together: a write each, and the loop has a turn in between. */
function* chunks(entries: Iterable<IndexEntry>): Generator<Buffer[]> {
  let frames: Buffer[] = [];
  let bytes = 0;
  for (const entry of entries) {
    for (const frame of encodeEntries([entry])) {
      frames.push(frame);
      bytes += frame.length;
    }
    if (bytes < chunkBytes) continue;
    yield frames;
    frames = [];
    bytes = 0;
  }
  if (frames.length > 0) yield frames;
}

/** @returns how many bytes */
async function writeAll(file: DataFile, frames: Buffer[]): Promise<number> {
  const bytes = Buffer.concat(frames);
  for (let at = 0; at < bytes.length; ) {
    at += (await file.writev([bytes.subarray(at)])).bytesWritten;
  }
  return bytes.length;
}
