import { type EntryRecord, writeEntryRecord } from './entry-record.ts';
import type { FileOps } from './file-ops.ts';

/** The record of an open entry, and its file: changes are written one after the other. */
export class RecordFile {
  readonly #path: string;
  readonly #files: FileOps;
  #value: EntryRecord;
  #written: Promise<unknown> = Promise.resolve();

  constructor(path: string, value: EntryRecord, files: FileOps) {
    this.#path = path;
    this.#files = files;
    this.#value = value;
  }

  /** As last written. */
  get value(): EntryRecord {
    return this.#value;
  }

  /** Writes what `change` makes of the record; the same object means no change. */
  update(change: (record: EntryRecord) => EntryRecord): Promise<void> {
    const task = this.#written.then(async () => {
      const next = change(this.#value);
      if (next === this.#value) return;
      await writeEntryRecord(this.#path, next, this.#files);
      this.#value = next;
    });
    // Its failure is told to who asked; the next change only waits for the end.
    this.#written = task.catch(() => undefined);
    return task;
  }
}
