import { sluiceError } from '@sluice/protocol';
import type { GivenBatch, IngestReply } from './event-store.ts';

/** Events that one transaction takes at the most, unless one batch has more. */
const maxTogether = 4_000;
/** Batches that may wait; devices come again later with what is refused. */
const maxWaiting = 1_000;

interface Waiting {
  given: GivenBatch;
  resolve: (reply: IngestReply) => void;
  reject: (error: unknown) => void;
}

/**
 * Batches that come while a transaction runs wait for the next one and share it. Every device writes the
 * same few rows of today's sums, so many small transactions would only wait for each other's locks; and the
 * busier the cloud is, the less each batch costs.
 */
export class IngestQueue {
  readonly #ingest: (given: readonly GivenBatch[]) => Promise<IngestReply[]>;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(ingest: (given: readonly GivenBatch[]) => Promise<IngestReply[]>) {
    this.#ingest = ingest;
  }

  /** Resolves when the events are safe. @throws StoreUnavailable: too much waits; and as the database fails */
  take(given: GivenBatch): Promise<IngestReply> {
    if (this.#waiting.length >= maxWaiting) {
      const detail = `${maxWaiting} batches wait already`;
      return Promise.reject(sluiceError('StoreUnavailable', { store: 'store of events', detail }));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ given, resolve, reject });
      this.#running ??= this.#work();
    });
  }

  /** When nothing waits any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #work(): Promise<void> {
    // What comes in the same turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#settle(this.#next());
    this.#running = undefined;
  }

  #next(): Waiting[] {
    let events = 0;
    const end = this.#waiting.findIndex(({ given }, i) => {
      events += given.batch.Events.length;
      return i > 0 && events > maxTogether;
    });
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
  }

  async #settle(group: readonly Waiting[]): Promise<void> {
    try {
      const replies = await this.#ingest(group.map(({ given }) => given));
      for (const [i, { resolve }] of group.entries()) resolve(replies[i]!);
    } catch (error) {
      // One that the database does not take must not keep the others out.
      if (group.length > 1) for (const one of group) await this.#settle([one]);
      else group[0]!.reject(error);
    }
  }
}
