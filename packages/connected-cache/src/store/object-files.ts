import { constants } from 'node:fs';
import {
  appendFile,
  type FileHandle,
  mkdir,
  open,
  rename,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { formatRecord, type ObjectRecord } from './object-record.ts';
import { encodeEntries, type JournalEntry } from './piece-journal.ts';

export const recordName = 'record';
export const journalName = 'pieces';
export const segmentName = (index: number) => `${index}.data`;

/** After so many entries the journal is written anew, so that it cannot grow for ever. */
const maxAppended = 4096;

/** What the folder is to say. */
interface Described {
  readonly record: ObjectRecord;
  journalState(): JournalEntry[];
}

export interface ObjectFilesOptions {
  directory: string;
  /** Whether the folder is there with its record. */
  made: boolean;
  object: Described;
  /** Hears of background work that failed; the pieces it was about are then not kept. */
  failed: (error: unknown) => void;
}

/**
 * The folder of one object: `record`, the journal `pieces`, and its data files. Changes run one after
 * another in the order in which they were asked for.
 */
export class ObjectFiles {
  readonly directory: string;
  readonly #object: Described;
  readonly #failed: (error: unknown) => void;
  #appended = 0;
  #torn = false;
  #pending: JournalEntry[] = [];
  #made: Promise<void> | undefined;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: ObjectFilesOptions) {
    this.directory = options.directory;
    if (options.made) this.#made = Promise.resolve();
    this.#object = options.object;
    this.#failed = options.failed;
  }

  /** The record changed. */
  saveRecord(): void {
    const made = this.#made;
    if (!made) return;
    this.#run(async () => {
      // The folder may be about to come into being, with a record that is old by now.
      await made;
      await this.#saveRecord();
    });
  }

  /** Opens a data file, which is made when absent. @throws what the file operations throw */
  async openSegment(index: number): Promise<FileHandle> {
    // A removal of the same file may still be under way.
    await this.#tail;
    await this.#make();
    return open(this.#path(segmentName(index)), constants.O_RDWR | constants.O_CREAT);
  }

  /** Marks the data file as used now: the order of eviction after a restart. */
  stampSegment(index: number, wallMs: number): void {
    const at = wallMs / 1000;
    this.#run(() => utimes(this.#path(segmentName(index)), at, at));
  }

  /** @param closed when the file is no longer open: some systems remove no open files. */
  removeSegment(index: number, closed: Promise<void>): void {
    this.#run(async () => {
      await closed;
      await rm(this.#path(segmentName(index)), { force: true });
    });
  }

  /** Notes what happened to pieces; after the bytes were written, before they are removed. */
  log(entries: readonly JournalEntry[]): void {
    const first = this.#pending.length === 0;
    this.#pending.push(...entries);
    if (first) this.#run(() => this.#writeJournal());
  }

  /** Writes the journal anew, without what is past. */
  rewriteJournal(): void {
    this.#torn = true;
    this.#run(() => this.#writeJournal());
  }

  /** Removes the folder. */
  remove(closed: Promise<unknown>): void {
    this.#pending = [];
    this.#run(async () => {
      await closed;
      await rm(this.directory, { recursive: true, force: true });
    });
  }

  /** When all that was asked for is done. */
  settled(): Promise<void> {
    return this.#tail;
  }

  async #writeJournal(): Promise<void> {
    const entries = this.#pending;
    this.#pending = [];
    const anew = this.#torn || this.#appended >= maxAppended;
    // Until this succeeded, the end of the journal may be torn.
    this.#torn = true;
    if (anew) await this.#replace(journalName, encodeEntries(this.#object.journalState()));
    else await appendFile(this.#path(journalName), encodeEntries(entries));
    this.#torn = false;
    this.#appended = anew ? 0 : this.#appended + entries.length;
  }

  #make(): Promise<void> {
    this.#made ??= mkdir(this.directory, { recursive: true })
      .then(() => this.#saveRecord())
      .catch((error) => {
        this.#made = undefined;
        throw error;
      });
    return this.#made;
  }

  #saveRecord(): Promise<void> {
    return this.#replace(recordName, formatRecord(this.#object.record));
  }

  async #replace(name: string, content: string | Uint8Array): Promise<void> {
    const path = this.#path(name);
    await writeFile(`${path}.new`, content);
    await rename(`${path}.new`, path);
  }

  #path(name: string): string {
    return join(this.directory, name);
  }

  #run(work: () => Promise<void>): void {
    this.#tail = this.#tail.then(work).catch(this.#failed);
  }
}
