import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { diskError, writeAtomically } from '../store/index.ts';
import { asJob, type Job } from './job.ts';

/** More than the local API takes. */
const maxJobBytes = 256 * 1024;

/** Jobs in `<dataDir>/jobs`, one file each. What is asked of one job is done in the order of the calls. */
export class JobStore {
  readonly #folder: string;
  readonly #logger: Logger;
  /** The last thing asked of each job. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(dataDir: string, logger: Logger) {
    this.#folder = join(dataDir, 'jobs');
    this.#logger = logger;
  }

  /** @throws Disk errors. */
  put(job: Job): Promise<void> {
    return this.#inTurn(job.Id, async () => {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeAtomically(this.#path(job.Id), JSON.stringify(job));
    });
  }

  /** @throws Disk errors. None there is no fault. */
  remove(id: string): Promise<void> {
    return this.#inTurn(id, () => rm(this.#path(id), { force: true }));
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
