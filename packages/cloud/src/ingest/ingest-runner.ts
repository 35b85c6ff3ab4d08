import { randomUUID } from 'node:crypto';
import { type Clock, isSluiceError, SluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { AllowedHosts } from './allowed-hosts.ts';
import { type IngestJobs, type IngestRow, leaseMs } from './ingest-jobs.ts';
import { type TakeInParts, takeIn } from './take-in.ts';

/** Jobs at once: the loop that hashes also answers devices. */
const atOnce = 2;
/** Another cloud may have queued one, or died with one: looked for so often, ms. */
const lookMs = 5_000;
/** Until the next try, ms: doubled each time. */
const firstRetryMs = 10_000;
const maxRetryMs = 3_600_000;
/** In a row, of faults that may pass. */
const maxTries = 6;
/** What cannot be taken in is not tried again before, ms. */
const finalMs = 3_600_000;

/** What does not pass by itself. */
const finalCodes = new Set([
  ...['IngestUnsuitable', 'IngestNotAllowed', 'HashConflict', 'SourceEncoded', 'SourceStatus'],
  ...['SourceTooManyRedirects', 'SourceMalformed', 'PhfTooLarge', 'RequestInvalid'],
]);

export interface RunnerParts extends TakeInParts {
  jobs: IngestJobs;
  hosts: AllowedHosts;
  /** Bytes. */
  maxLength: number;
  clock: Clock;
  logger: Logger | undefined;
}

/** Runs the hashing jobs of this cloud, its own and those that others leave. */
export class IngestRunner {
  readonly #parts: RunnerParts;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #cancelLook = () => {};
  #claiming: Promise<void> | undefined;
  #again = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.look();
  }

  /** There may be something to do. */
  look(): void {
    this.#again = true;
    this.#claiming ??= this.#claim().finally(() => {
      this.#claiming = undefined;
      this.#wait();
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#claiming;
    this.#cancelLook();
    await Promise.all(this.#running);
  }

  #wait(): void {
    this.#cancelLook();
    if (this.#closing.signal.aborted) return;
    if (this.#again && this.#running.size < atOnce) this.look();
    else this.#cancelLook = this.#parts.clock.setTimer(lookMs, () => this.look());
  }

  async #claim(): Promise<void> {
    const { jobs, logger } = this.#parts;
    try {
      while (this.#running.size < atOnce && !this.#closing.signal.aborted) {
        this.#again = false;
        const row = await jobs.claim(randomUUID());
        if (!row) return;
        const run: Promise<void> = this.#run(row).finally(() => {
          this.#running.delete(run);
          this.look();
        });
        this.#running.add(run);
      }
    } catch (err) {
      logger?.warn({ err }, 'no hashing job can be taken: the database does not answer');
    }
  }

  /** Never rejects. */
  async #run(row: IngestRow): Promise<void> {
    const { jobs, clock, logger, hosts, maxLength } = this.#parts;
    const { id, url } = row;
    const lease = row.lease ?? '';
    const lost = new AbortController();
    const isOurs = async () => {
      if (await jobs.renew(id, lease)) return true;
      lost.abort();
      return false;
    };
    let stopRenewing = () => {};
    const renewLater = () => {
      if (lost.signal.aborted) return;
      stopRenewing = clock.setTimer(leaseMs / 3, () => {
        // A database that is away for a moment: the lease is longer than that, or another cloud takes it.
        void isOurs()
          .catch((err) => logger?.warn({ err, url }, 'the lease of a hashing job is not renewed'))
          .finally(renewLater);
      });
    };
    renewLater();
    const signal = AbortSignal.any([this.#closing.signal, lost.signal]);
    try {
      const found = await takeIn(row, this.#parts, { hosts, maxLength, clock, signal }, isOurs);
      await jobs.done(id, lease, found);
      logger?.info({ url: withoutQuery(url), contentId: found.content_id }, 'taken in');
    } catch (error) {
      await this.#failed(row, error, lost.signal.aborted);
    } finally {
      lost.abort();
      stopRenewing();
    }
  }

  async #failed(row: IngestRow, error: unknown, isLost: boolean): Promise<void> {
    const { jobs, logger } = this.#parts;
    if (isLost) return;
    try {
      if (this.#closing.signal.aborted) {
        await jobs.giveBack(row.id, row.lease ?? '');
        return;
      }
      const isFinal =
        (error instanceof SluiceError && finalCodes.has(error.code)) || row.tries + 1 >= maxTries;
      const message = error instanceof Error ? error.message : String(error);
      await jobs.failed(
        row,
        message.slice(0, 1000),
        isFinal ? finalMs : retryMs(row, error),
        isFinal,
      );
      logger?.warn({ url: withoutQuery(row.url), err: error, isFinal }, 'not taken in');
    } catch (err) {
      // Its lease ends, then somebody tries again.
      logger?.warn({ err }, 'what became of a hashing job cannot be written');
    }
  }
}

function retryMs(row: IngestRow, error: unknown): number {
  const asked = isSluiceError(error) ? Number(error.params.retryAfterMs ?? 0) : 0;
  return Math.max(asked, Math.min(maxRetryMs, firstRetryMs * 2 ** row.tries));
}

/** Its query may hold secrets. */
function withoutQuery(url: string): string {
  return url.split('?', 1)[0]!;
}
