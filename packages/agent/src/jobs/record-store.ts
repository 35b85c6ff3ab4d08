import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { diskError, type FileOps, realFiles, writeAtomically } from '../store/index.ts';

/** As `writeAtomically` names a file until it is whole. */
const unfinished = /\.json\.[0-9a-f]{12}$/;
const maxRecordBytes = 256 * 1024;

/** Records in a folder, one file each. What is asked of one record is done in the order of the calls. */
export class RecordStore<T extends { Id: string }> {
  readonly #folder: string;
  readonly #logger: Logger;
  readonly #files: FileOps;
  readonly #asRecord: (value: unknown) => Promise<T | undefined>;
  /** The last thing asked of each record. */
  readonly #turns = new Map<string, Promise<void>>();

  /** @param asRecord undefined when the value is no record. */
  constructor(
    folder: string,
    asRecord: (value: unknown) => Promise<T | undefined>,
    logger: Logger,
    files: FileOps = realFiles,
  ) {
    this.#files = files;
    this.#folder = folder;
    this.#asRecord = asRecord;
    this.#logger = logger;
  }

  /** @param durable it must survive a power loss. @throws Disk errors. */
  put(record: T, { durable = true } = {}): Promise<void> {
    return this.#inTurn(record.Id, async () => {
      const files = this.#files;
      await files.makeFolder(this.#folder);
      await writeAtomically(this.#path(record.Id), JSON.stringify(record), { durable, files });
    });
  }

  /** @throws Disk errors. None there is no fault. */
  remove(id: string): Promise<void> {
    return this.#inTurn(id, () => this.#files.remove(this.#path(id)));
  }

  /**
   * All records, before any is put; a damaged one is left out and said so in the log. What a killed
   * process was writing goes. @throws Disk errors.
   */
  async all(): Promise<T[]> {
    const records: T[] = [];
    for (const name of await this.#names()) {
      const record = await this.#read(join(this.#folder, name));
      if (record && name === `${record.Id}.json`) records.push(record);
    }
    return records;
  }

  /** Waits for everything that was asked. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#turns.values());
  }

  async #names(): Promise<string[]> {
    try {
      const names = await readdir(this.#folder);
      for (const name of names.filter((each) => unfinished.test(each))) {
        await this.#files.remove(join(this.#folder, name));
      }
      return names.filter((name) => name.endsWith('.json'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw diskError(error, this.#folder);
    }
  }

  async #inTurn(id: string, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(id) ?? Promise.resolve();
    const turn = before
      .catch(() => {
        // Told to who asked for it.
      })
      .then(work);
    this.#turns.set(id, turn);
    try {
      await turn;
    } catch (error) {
      throw diskError(error, this.#path(id));
    } finally {
      if (this.#turns.get(id) === turn) this.#turns.delete(id);
    }
  }

  async #read(path: string): Promise<T | undefined> {
    try {
      const bytes = await readFile(path);
      if (bytes.length > maxRecordBytes) throw new Error('too large');
      const record = await this.#asRecord(JSON.parse(bytes.toString('utf8')));
      if (record) return record;
      throw new Error('not a record of this kind');
    } catch (err) {
      this.#logger.warn({ err, path }, 'a stored record cannot be read');
      return undefined;
    }
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}
