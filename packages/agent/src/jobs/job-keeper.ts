import { isFinalState } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { Download } from '../download/download.ts';
import type { Job } from './job.ts';
import type { JobStore } from './job-store.ts';

/**
 * Keeps the job of a download in step with it. A job stays until its download fails for good, has
 * nothing to share after it was delivered, or is removed; what a stopping agent aborts goes on next time.
 */
export class JobKeeper {
  readonly #store: JobStore;
  readonly #logger: Logger;

  constructor(store: JobStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** Stores the job of a download that has just begun. Who asked takes it for certain then. @throws Disk errors. */
  accept(job: Job): Promise<void> {
    return this.#store.put(job);
  }

  follow(download: Download): void {
    // Not awaited: a disk that is full now must not end a download that may still succeed.
    download.finished.then(() => this.#keep(this.#afterEnd(download)));
  }

  /** What was learnt of the content of a running download, or what its priority is now. */
  update(download: Download): void {
    const { delivered, refetch } = download.options;
    // What was delivered in an earlier life must not be delivered again by the next.
    const wasDelivered = delivered === true || refetch !== undefined;
    if (!isFinalState(download.progress.state)) this.#keep(this.#put(download, wasDelivered));
  }

  remove(id: string): Promise<void> {
    return this.#store.remove(id);
  }

  /** Waits for everything that is being written. */
  settled(): Promise<void> {
    return this.#store.settled();
  }

  async #afterEnd(download: Download): Promise<void> {
    const { state, shared } = download.progress;
    const { delivered } = download.options;
    // One that was delivered and is not shared now has no cloud: the next start may have one.
    const isOver = state === 'Failed' || (state === 'Finalized' && !shared && !delivered);
    if (isOver) await this.#store.remove(download.id);
    else if (state === 'Finalized' && !delivered) await this.#put(download, true);
  }

  async #put({ id, request, trusted }: Download, delivered: boolean): Promise<void> {
    const job = {
      Id: id,
      Request: request,
      Delivered: delivered,
      ...(trusted && { Trusted: trusted }),
    };
    // A power loss that takes this back costs asking again, or delivering again: no reason to wait for a disk.
    await this.#store.put(job, { durable: false });
  }

  #keep(work: Promise<void>): void {
    work.catch((err: unknown) => this.#logger.error({ err }, 'a job could not be stored'));
  }
}
