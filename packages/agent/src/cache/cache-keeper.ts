import {
  type CachedContent,
  type CacheSettings,
  type EvictionReason,
  evictions,
} from '@sluice/engine';
import type { Clock } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { Live } from '../policy/live.ts';
import type { ContentStore, SurveyedEntry } from '../store/index.ts';
import type { CachedContents } from './cached-contents.ts';
import type { SpaceProbe } from './disk-space.ts';

/** How often the room on the disk is looked at… */
const lookMs = 60_000;
/** …how much it must have changed for more than a look, bytes… */
const notableBytes = 64 << 20;
/** …and after how many looks the store is gone through in any case: things get old. */
const looksPerSweep = 10;
/** A use is written down when the last one that was is older than this, ms. */
const usedStepMs = 3_600_000;

export interface CacheKeeperOptions {
  store: ContentStore;
  /** Of the store. */
  folder: string;
  contents: CachedContents;
  settings: Live<CacheSettings>;
  space: SpaceProbe;
  clock: Clock;
  today: () => Date;
  logger: Logger;
}

/**
 * Keeps the store within its settings: goes through it at the start, when a download has ended, when
 * the settings change, when others fill the disk, and when something does not fit.
 */
export class CacheKeeper {
  readonly #options: CacheKeeperOptions;
  #cancelLook: () => void = () => {};
  #unwatch: () => void = () => {};
  #sweeping: Promise<unknown> = Promise.resolve();
  #isQueued = false;
  #closed = false;
  #looks = 0;
  #freeBytes = 0;

  constructor(options: CacheKeeperOptions) {
    this.#options = options;
  }

  /** From now on by itself, until `close`. */
  start(): void {
    this.#unwatch = this.#options.settings.watch(() => this.sweepSoon());
    this.#look();
    this.sweepSoon();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unwatch();
    this.#cancelLook();
    await this.#sweeping;
  }

  /** Not while another goes on; asked twice, it is done once. Never rejects. */
  sweepSoon(): void {
    if (this.#isQueued || this.#closed) return;
    this.#isQueued = true;
    this.sweep().catch((err: unknown) => {
      this.#options.logger.error({ err }, 'the store cannot be kept within its limits');
    });
  }

  /**
   * Deletes what must go. @param neededBytes that are about to be written.
   * @returns the keys of what went. @throws Disk errors.
   */
  sweep(neededBytes = 0): Promise<string[]> {
    const sweep = this.#sweeping.then(() => {
      this.#isQueued = false;
      return this.#closed ? [] : this.#sweepNow(neededBytes);
    });
    this.#sweeping = sweep.catch(() => {
      // Told to who asked for it.
    });
    return sweep;
  }

  async #sweepNow(neededBytes: number): Promise<string[]> {
    const { store, folder, space, settings, contents, today, logger } = this.#options;
    const entries = await store.survey();
    const disk = await space.read(folder);
    const now = today().getTime();
    const cached = entries.map((entry) => this.#cached(entry, now));
    const gone: string[] = [];
    for (const { key, reason } of evictions(cached, settings.current, disk, now, neededBytes)) {
      if (!(await contents.drop(key))) continue;
      gone.push(key);
      logger.info({ key, reason: wordsFor[reason] }, 'a content was deleted from the store');
    }
    this.#looks = 0;
    this.#freeBytes = (await space.read(folder)).freeBytes;
    await this.#noteUses(entries, now);
    return gone;
  }

  #cached(entry: SurveyedEntry, now: number): CachedContent {
    const { key, bytes, isLinked, isComplete, changedAt, caching } = entry;
    return {
      key,
      bytes,
      isLinked,
      isComplete,
      since: caching?.since ?? changedAt,
      usedAt: this.#usedAt(entry, now),
      isPinned: caching?.isPinned ?? false,
      expireOn: caching?.expireOn,
      publisher: caching?.publisher ?? {},
      isBusy: this.#options.contents.isBusy(key),
    };
  }

  #usedAt({ lastRead, caching, changedAt }: SurveyedEntry, now: number): number {
    const noted = caching?.usedAt ?? changedAt;
    if (lastRead === undefined) return noted;
    return Math.max(noted, Math.floor(now - (this.#options.clock.now() - lastRead)));
  }

  /** So that the order of use is known, roughly, after a restart. */
  async #noteUses(entries: SurveyedEntry[], now: number): Promise<void> {
    for (const entry of entries) {
      const usedAt = this.#usedAt(entry, now);
      if (!entry.caching || usedAt - entry.caching.usedAt < usedStepMs) continue;
      await this.#options.store
        .setCaching(entry.key, (c) => c && { ...c, usedAt })
        .catch((err: unknown) => {
          this.#options.logger.debug({ err, key: entry.key }, 'a use could not be noted');
        });
    }
  }

  #look(): void {
    this.#cancelLook = this.#options.clock.setTimer(lookMs, () => {
      this.#look();
      this.#lookNow().catch((err: unknown) => {
        this.#options.logger.warn({ err }, 'the room on the disk of the store is not known');
      });
    });
  }

  async #lookNow(): Promise<void> {
    const { space, folder } = this.#options;
    const { freeBytes } = await space.read(folder);
    const hasChanged = Math.abs(freeBytes - this.#freeBytes) >= notableBytes;
    if (hasChanged || ++this.#looks >= looksPerSweep) this.sweepSoon();
  }
}

const wordsFor: Record<EvictionReason, string> = {
  expired: 'its expiry has passed',
  age: 'DOMaxCacheAge',
  publisher: 'its publisher wants it kept no longer',
  size: 'DOMaxCacheSize, DOAbsoluteMaxCacheSize',
  disk: 'the disk is nearly full',
};
