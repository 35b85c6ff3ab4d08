import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DownloadRequest, DownloadRequestSchema } from '@sluice/protocol';
import type { Logger } from 'pino';
import Type from 'typebox';

import { writeAtomically } from '../store/index.ts';

/** A download that outlives the process: on disk before its caller hears that it was accepted. */
export interface Job {
  Id: string;
  Request: DownloadRequest;
  /** The file has been put where the caller wants it; the content is only shared since. */
  Delivered: boolean;
}

const maxJobBytes = 64 * 1024;
const jobSchema = Type.Object(
  {
    Id: Type.String({ pattern: '^[0-9a-f-]{36}$' }),
    Request: DownloadRequestSchema,
    Delivered: Type.Boolean(),
  },
  { additionalProperties: false },
);

/** Jobs in `<dataDir>/jobs`, one file each. */
export class JobStore {
  readonly #folder: string;
  readonly #logger: Logger;

  constructor(dataDir: string, logger: Logger) {
    this.#folder = join(dataDir, 'jobs');
    this.#logger = logger;
  }

  async put(job: Job): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeAtomically(this.#path(job.Id), JSON.stringify(job));
  }

  async remove(id: string): Promise<void> {
    await rm(this.#path(id), { force: true });
  }

  /** All jobs; a damaged one is left out and said so in the log. */
  async all(): Promise<Job[]> {
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const jobs: Job[] = [];
    for (const name of names.filter((n) => n.endsWith('.json'))) {
      const job = await this.#read(join(this.#folder, name));
      if (job) jobs.push(job);
    }
    return jobs;
  }

  async #read(path: string): Promise<Job | undefined> {
    try {
      const bytes = await readFile(path);
      if (bytes.length > maxJobBytes) throw new Error('too large');
      const job: unknown = JSON.parse(bytes.toString('utf8'));
      const { Check } = await import('typebox/value');
      if (Check(jobSchema, job)) return job;
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
