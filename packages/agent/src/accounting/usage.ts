import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PeerClass, TrafficClass } from '@sluice/engine';
import type { Clock } from '@sluice/protocol';
import type { Logger } from 'pino';
import { diskError, type FileOps, writeAtomically } from '../store/index.ts';
import {
  emptyPage,
  emptyTotal,
  monthOf,
  parseBook,
  type UsageBook,
  type UsagePage,
  type UsageTotal,
} from './usage-page.ts';

/** What a crash may lose: traffic of this time, ms. */
const saveMs = 5_000;
/** Months that are kept: a clock that was set wrong and is set right finds its month again. */
const maxMonths = 4;

export interface UsageOptions {
  dataDir: string;
  clock: Clock;
  /** The calendar; its local month counts. */
  today: () => Date;
  logger: Logger;
  /** Whether downloads are worth a write; uploads always are, since a cap goes by them. */
  keepsDownloads: boolean;
  files?: FileOps;
}

/**
 * All traffic of the device by class, in this calendar month and altogether, kept in
 * `<dataDir>/usage.json`. The one place that counts it: the monthly cap, the snapshots and the reports
 * go by it.
 */
export class Usage {
  readonly #options: UsageOptions;
  readonly #path: string;
  readonly #book: UsageBook;
  #cancelSave: (() => void) | undefined;
  #saving: Promise<void> = Promise.resolve();

  private constructor(options: UsageOptions, path: string, book: UsageBook) {
    this.#options = options;
    this.#path = path;
    this.#book = book;
  }

  /** A damaged file counts as none. @throws Disk errors. */
  static async open(options: UsageOptions): Promise<Usage> {
    const path = join(options.dataDir, 'usage.json');
    try {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      const stored = text === undefined ? undefined : parseBook(text);
      if (text !== undefined && !stored) {
        options.logger.warn({ path }, 'the account of traffic is damaged: begun anew');
      }
      return new Usage(options, path, stored ?? { Version: 1, Months: [], Total: emptyTotal() });
    } catch (error) {
      throw diskError(error, path);
    }
  }

  /** This month. */
  get month(): Readonly<UsagePage> {
    return this.#page();
  }

  /** The local day 1 of this month, 00:00. */
  get monthStart(): Date {
    const now = this.#options.today();
    return new Date(now.getFullYear(), now.getMonth(), 1);
  }

  get total(): Readonly<UsageTotal> {
    return this.#book.Total;
  }

  received(from: TrafficClass, bytes: number, foreground: boolean): void {
    const page = this.#page();
    page.Down[from] += bytes;
    page[foreground ? 'Foreground' : 'Background'].Bytes += bytes;
    this.#book.Total.Down[from] += bytes;
    this.#changed(this.#options.keepsDownloads);
  }

  /** A download ran for so long. */
  ran(ms: number, foreground: boolean): void {
    this.#page()[foreground ? 'Foreground' : 'Background'].Ms += ms;
    this.#changed(this.#options.keepsDownloads);
  }

  fileDownloaded(): void {
    this.#book.Total.FilesDownloaded++;
    this.#changed(this.#options.keepsDownloads);
  }

  sent(to: PeerClass, bytes: number): void {
    this.#page().Up[to] += bytes;
    this.#book.Total.Up[to] += bytes;
    this.#changed(true);
  }

  /** The first bytes of a content went out. */
  fileUploaded(): void {
    this.#book.Total.FilesUploaded++;
    this.#changed(true);
  }

  /** Writes what is not written yet. */
  async close(): Promise<void> {
    if (this.#cancelSave) {
      this.#cancelSave();
      this.#cancelSave = undefined;
      this.#save();
    }
    await this.#saving;
  }

  #page(): UsagePage {
    const { Months } = this.#book;
    const now = monthOf(this.#options.today());
    const last = Months.at(-1);
    if (last?.Month === now) return last;
    const known = Months.findIndex(({ Month }) => Month === now);
    const page = known < 0 ? emptyPage(now) : Months.splice(known, 1)[0]!;
    Months.push(page);
    if (Months.length > maxMonths) Months.shift();
    return page;
  }

  #changed(isWorthAWrite: boolean): void {
    if (!isWorthAWrite) return;
    this.#cancelSave ??= this.#options.clock.setTimer(saveMs, () => {
      this.#cancelSave = undefined;
      this.#save();
    });
  }

  #save(): void {
    const { files, logger } = this.#options;
    const text = `${JSON.stringify(this.#book)}\n`;
    this.#saving = this.#saving
      .then(() => writeAtomically(this.#path, text, { durable: true, ...(files && { files }) }))
      .catch((err: unknown) => logger.error({ err }, 'the account of traffic cannot be kept'));
  }
}
