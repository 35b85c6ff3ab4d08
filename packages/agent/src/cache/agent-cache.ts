import type { CacheCheck } from '@sluice/protocol';
import { CacheAdmin } from './cache-admin.ts';
import { CacheKeeper, type CacheKeeperOptions } from './cache-keeper.ts';
import {
  type CachedContents,
  SharedContents,
  type SharedContentsOptions,
} from './cached-contents.ts';
import { scrub } from './scrub.ts';

export type AgentCacheOptions = Omit<CacheKeeperOptions, 'contents' | 'store'> &
  SharedContentsOptions;

/** The store of the agent as something that is kept in bounds, looked at and cleaned. */
export class AgentCache {
  readonly admin: CacheAdmin;
  readonly #options: AgentCacheOptions;
  readonly #contents: SharedContents;
  readonly #keeper: CacheKeeper;
  readonly #end = new AbortController();
  #verifying: Promise<CacheCheck> | undefined;

  constructor(options: AgentCacheOptions) {
    this.#options = options;
    const { store } = options.hub;
    this.#contents = new SharedContents(options);
    const contents = this.#contents;
    this.#keeper = new CacheKeeper({ ...options, store, contents });
    const sweepSoon = () => this.sweepSoon();
    this.admin = new CacheAdmin({ ...options, store, contents, sweepSoon });
  }

  start(): void {
    this.#keeper.start();
  }

  sweepSoon(): void {
    this.#keeper.sweepSoon();
  }

  /** The contents, for whoever else has them go. */
  get contents(): CachedContents {
    return this.#contents;
  }

  /** Deletes what may go, so that `bytes` more may fit. */
  async makeRoom(bytes: number): Promise<void> {
    await this.#keeper.sweep(bytes);
  }

  /** Reads all files back; see `scrub`. Asked again meanwhile, it is the same check. */
  verify(): Promise<CacheCheck> {
    this.#verifying ??= scrub(
      { ...this.#options, contents: this.#contents },
      this.#end.signal,
    ).finally(() => {
      this.#verifying = undefined;
    });
    return this.#verifying;
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.#verifying?.catch(() => {
      // Told to who asked for it.
    });
    await this.#keeper.close();
  }
}
