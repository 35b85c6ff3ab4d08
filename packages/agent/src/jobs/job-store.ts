import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { diskError, type FileOps, realFiles, writeAtomically } from '../store/index.ts';
import { asJob, type Job } from './job.ts';

const maxJobBytes = 64 * 1024;

/** Jobs in `<dataDir>/jobs`, one file each. What is asked of one job is done in the order of the calls. */
export class JobStore {
  readonly #folder: string;
  readonly #logger: Logger;
  readonly #files: FileOps;
  /** The last thing asked of each job. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(dataDir: string, logger: Logger, files: FileOps = realFiles) {
    this.#folder = join(dataDir, 'jobs');
    this.#logger = logger;
    this.#files = files;
  }

  /** @throws Disk errors. */
  put(job: Job): Promise<void> {
    return this.#inTurn(job.Id, async () => {
      const files = this.#files;
      await files.makeFolder(this.#folder);
      // The caller takes an accepted job for certain, so it must survive a power loss.
      await writeAtomically(this.#path(job.Id), JSON.stringify(job), { durable: true, files });
    });
  }

  /** @throws Disk errors. None there is no fault. */
  remove(id: string): Promise<void> {
    return this.#inTurn(id, () => this.#files.remove(this.#path(id)));
  }

  /** All jobs; a damaged one is left out and said so in the log. @throws Disk errors. */
  async all(): Promise<Job[]> {
    const jobs: Job[] = [];
    for (const name of await this.#names()) {
      const job = await this.#read(join(this.#folder, name));
      if (job && name === `${job.Id}.json`) jobs.push(job);
    }
    return jobs;
  }

  /** Waits for everything that was asked. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#turns.values());
  }

  async #names(): Promise<string[]> {
    try {
      return (await readdir(this.#folder)).filter((name) => name.endsWith('.json'));
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

  async #read(path: string): Promise<Job | undefined> {
    try {
      const bytes = await readFile(path);
      if (bytes.length > maxJobBytes) throw new Error('too large');
      const job = await asJob(JSON.parse(bytes.toString('utf8')));
      if (job) return job;
      throw new Error('not a job');
    } catch (err) {
      this.#logger.warn({ err, path }, 'a stored job cannot be read');
      return undefined;
    }
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}
