import { randomUUID } from 'node:crypto';
import { type Clock, sluiceError } from '@sluice/protocol';
import { PreheatJob, type PreheatOrder, type Warm } from './preheat-job.ts';

/** URLs of one job, and jobs that run or are remembered. */
export const maxPreheatUrls = 10_000;
const maxJobs = 32;
const maxUrlLength = 8192;
const minRate = 1024;

/** The preheating jobs of a node. */
export class Preheater {
  readonly #warm: Warm;
  readonly #clock: Clock;
  readonly #jobs = new Map<string, PreheatJob>();
  #closed = false;

  constructor(warm: Warm, clock: Clock) {
    this.#warm = warm;
    this.#clock = clock;
  }

  /** Begins a job. @throws RequestInvalid, TooManyRequests */
  begin(order: PreheatOrder, id: string = randomUUID()): PreheatJob {
    checkOrder(order);
    if (this.#closed) throw sluiceError('Cancelled');
    for (const [old, job] of this.#jobs) {
      if (this.#jobs.size < maxJobs) break;
      if (job.report().State === 'Ended') this.#jobs.delete(old);
    }
    if (this.#jobs.size >= maxJobs) throw sluiceError('TooManyRequests');
    const job = new PreheatJob(id, order, this.#warm, this.#clock);
    this.#jobs.set(id, job);
    return job;
  }

  /** Undefined when it is not known, or forgotten. */
  find(id: string): PreheatJob | undefined {
    return this.#jobs.get(id);
  }

  /** Cancels what is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#jobs.values()) job.cancel();
    await Promise.all([...this.#jobs.values()].map((job) => job.ended));
  }
}

function checkOrder({ Urls, Rate }: PreheatOrder): void {
  const refuse = (detail: string) => sluiceError('RequestInvalid', { detail });
  if (!Array.isArray(Urls) || Urls.length === 0 || Urls.length > maxPreheatUrls) {
    throw refuse(`Urls: 1 to ${maxPreheatUrls} URLs`);
  }
  for (const url of Urls) {
    if (typeof url !== 'string' || url.length > maxUrlLength || !/^https?:\/\//i.test(url)) {
      throw refuse('Urls: each an http:// or https:// URL');
    }
  }
  if (Rate !== undefined && !(Number.isSafeInteger(Rate) && Rate >= minRate)) {
    throw refuse(`Rate: bytes a second, at least ${minRate}`);
  }
}
