import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@sluice/protocol';
import type { Logger } from 'pino';
import { diskError, writeAtomically } from '../store/index.ts';

/** What a crash may lose: bytes sent in this time, ms. */
const saveMs = 5_000;

interface Month {
  /** `2026-11`, local time. */
  Month: string;
  /** Sent to Internet peers in it. */
  Bytes: number;
}

export interface MonthlyUploadsOptions {
  dataDir: string;
  clock: Clock;
  /** The calendar; its local month counts. */
  today: () => Date;
  logger: Logger;
}

/** Bytes sent to Internet peers in this calendar month, kept in `<dataDir>/monthly-uploads.json`. */
export class MonthlyUploads {
  readonly #options: MonthlyUploadsOptions;
  readonly #path: string;
  #month: Month;
  #cancelSave: (() => void) | undefined;
  #saving: Promise<void> = Promise.resolve();

  private constructor(options: MonthlyUploadsOptions, path: string, month: Month) {
    this.#options = options;
    this.#path = path;
    this.#month = month;
  }

  /** A damaged file counts as none. @throws Disk errors. */
  static async open(options: MonthlyUploadsOptions): Promise<MonthlyUploads> {
    const path = join(options.dataDir, 'monthly-uploads.json');
    try {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      const stored = text === undefined ? undefined : parse(text);
      if (text !== undefined && !stored) {
        options.logger.warn({ path }, 'the count of this month’s uploads is damaged: begun anew');
      }
      const month = stored ?? { Month: nameOf(options.today()), Bytes: 0 };
      return new MonthlyUploads(options, path, month);
    } catch (error) {
      throw diskError(error, path);
    }
  }

  /** In this month. */
  get bytes(): number {
    this.#turnPage();
    return this.#month.Bytes;
  }

  add(bytes: number): void {
    this.#turnPage();
    this.#month.Bytes += bytes;
    this.#cancelSave ??= this.#options.clock.setTimer(saveMs, () => {
      this.#cancelSave = undefined;
      this.#save();
    });
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

  #turnPage(): void {
    const now = nameOf(this.#options.today());
    if (now !== this.#month.Month) this.#month = { Month: now, Bytes: 0 };
  }

  #save(): void {
    const text = `${JSON.stringify(this.#month)}\n`;
    this.#saving = this.#saving
      .then(() => writeAtomically(this.#path, text))
      .catch((err: unknown) => {
        this.#options.logger.error({ err }, 'the count of this month’s uploads cannot be kept');
      });
  }
}

function nameOf(day: Date): string {
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, '0')}`;
}

function parse(text: string): Month | undefined {
  try {
    const { Month, Bytes } = JSON.parse(text) as Partial<Month>;
    const isRight = typeof Month === 'string' && /^\d{4}-\d{2}$/.test(Month);
    return isRight && Number.isSafeInteger(Bytes) && Bytes! >= 0
      ? { Month, Bytes: Bytes! }
      : undefined;
  } catch {
    return undefined;
  }
}
