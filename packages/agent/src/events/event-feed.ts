import type { SettledMode } from '@sluice/engine';
import type { Clock, SluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { Download } from '../download/download.ts';
import { type Ending, endingOf } from './ending.ts';
import type { EventBook } from './event-book.ts';

/** A download is told of after so long: by then it is known what it is, and a short one is through. ms */
const startedMs = 1_000;
/** The device is told of within this after a start, and what is left from earlier is sent, ms. */
const settleMs = 300_000;
const dayMs = 86_400_000;
/** An agent that ends with its download waits no longer than that for the cloud, ms. */
const lastMs = 800;

export interface EventFeedOptions {
  /** Loads what makes and keeps events. */
  open: () => Promise<EventBook>;
  /** Whether there is anybody to tell, as far as is known. */
  isWanted: () => boolean;
  /** Whose affair a download is: one that names another cloud is no affair of the device's own. */
  isOurs: (download: Download) => boolean;
  planned: (download: Download) => SettledMode;
  /** Whether the agent ends. */
  agentStops: () => boolean;
  /** The agent ends with its download: what there is, is sent then. */
  isBrief: boolean;
  clock: Clock;
  random: () => number;
  logger: Logger;
}

/** How a download is told of. */
export interface Followed {
  /** The job that it is a run of; its own id if not given. */
  jobId?: string | undefined;
  /** How it ended, when somebody manages it. */
  ending?: ((error: SluiceError | undefined) => Ending) | undefined;
}

/** Watches downloads and the device, and has events made of them. Costs a download nothing but a timer. */
export class EventFeed {
  readonly #options: EventFeedOptions;
  readonly #telling = new Set<Promise<void>>();
  #book: Promise<EventBook> | undefined;
  #cancelDaily: () => void = () => {};

  constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  /** The device stays: it is told of every day. */
  start(): void {
    this.#nextDay(this.#options.random() * settleMs);
  }

  follow(download: Download, { jobId = download.id, ending }: Followed): void {
    const { clock, planned, isOurs, isWanted, agentStops } = this.#options;
    const mode = planned(download);
    // In simple mode no service is asked or told anything.
    if (mode.mode === 'Simple' || !isOurs(download) || !isWanted()) return;
    const of = { download, jobId, planned: mode, time: clock.now() };
    let isTold = false;
    const started = () => {
      if (isTold) return;
      isTold = true;
      this.#tell((book) => book.started(of));
    };
    const cancel = clock.setTimer(startedMs, started);
    download.finished.then(({ State }) => {
      cancel();
      started();
      const how = ending?.(download.error) ?? endingOf(download.error, agentStops());
      this.#tell((book) => book.ended(of, State === 'Finalized' ? undefined : how));
    });
  }

  /** What is told of is on the disk then, or with the cloud. */
  async close(): Promise<void> {
    this.#cancelDaily();
    await Promise.all(this.#telling);
    const book = await this.#book;
    if (this.#options.isBrief) await book?.sendNow(lastMs);
    await book?.close();
  }

  #nextDay(ms: number): void {
    this.#cancelDaily = this.#options.clock.setTimer(ms, () => {
      this.#nextDay(dayMs);
      const { isWanted } = this.#options;
      this.#tellAnyway((book) => (isWanted() ? book.newDay() : book.forgetIfOff()));
    });
  }

  #tell(tell: (book: EventBook) => void | Promise<void>): void {
    if (this.#options.isWanted()) this.#tellAnyway(tell);
  }

  #tellAnyway(tell: (book: EventBook) => void | Promise<void>): void {
    const told = this.#open()
      .then(tell)
      .catch((err: unknown) => this.#options.logger.error({ err }, 'an event is lost'))
      .finally(() => this.#telling.delete(told));
    this.#telling.add(told);
  }

  #open(): Promise<EventBook> {
    this.#book ??= this.#options.open();
    return this.#book;
  }
}
