import { isSluiceError } from '@sluice/protocol';
import type { ContentHub } from '../content/content-hub.ts';
import type { Download } from '../download/download.ts';
import type { Holds } from '../download/holds.ts';
import type { CachingRecord } from '../store/index.ts';

/** What is done with the contents of the store besides keeping them. */
export interface CachedContents {
  /** Whether it is being fetched, delivered, waited for, or uploaded. */
  isBusy(key: string): boolean;
  /** Stops sharing it and deletes it with all that is known of it. @returns false when it is busy by now. */
  drop(key: string): Promise<boolean>;
  /** Drops it, and has it fetched again where a download knows from where; nothing is delivered. */
  replace(key: string): Promise<'busy' | 'dropped' | 'refetched'>;
}

/** A peer that asks again within this has only paused, ms. */
const pauseMs = 2_000;

export interface SharedContentsOptions {
  hub: ContentHub;
  holds: Holds;
  downloads: () => Iterable<Download>;
  /** Forgets a download, and its job. */
  forget: (download: Download) => Promise<void>;
  /** Downloads again what `download` brought, to be shared. */
  refetch: (download: Download, caching: CachingRecord | undefined) => Promise<void>;
}

/** The contents of the store as this agent's downloads and peers use them. */
export class SharedContents implements CachedContents {
  readonly #options: SharedContentsOptions;

  constructor(options: SharedContentsOptions) {
    this.#options = options;
  }

  isBusy(key: string): boolean {
    const { hub } = this.#options;
    if (hub.mutex.isHeld(key)) return true;
    const shared = hub.find(key);
    if (!shared) return false;
    const { lastRead } = shared.entry ?? {};
    if (lastRead !== undefined && hub.options.clock.now() - lastRead < pauseMs) return true;
    return [...shared.swarm.members].some(({ uploads }) => uploads?.idle === false);
  }

  async replace(key: string): Promise<'busy' | 'dropped' | 'refetched'> {
    const { hub, refetch } = this.#options;
    const [one] = this.#sharers(key);
    const caching = hub.find(key)?.entry?.caching;
    if (!(await this.drop(key))) return 'busy';
    if (!one) return 'dropped';
    await refetch(one, caching);
    return 'refetched';
  }

  async drop(key: string): Promise<boolean> {
    const { hub, holds, forget } = this.#options;
    if (this.isBusy(key)) return false;
    const shared = hub.find(key);
    const sharers = this.#sharers(key);
    // It begins at once: nobody had the turn a moment ago.
    const isGone = await hub.mutex.run(key, async () => {
      for (const { progress } of sharers) progress.shared = undefined;
      if (shared) await holds.drop(shared);
      try {
        await hub.store.remove(key);
        return true;
      } catch (error) {
        // Another process has it open, and looks after it.
        if (isSluiceError(error, 'ContentBusy')) return false;
        throw error;
      }
    });
    for (const download of sharers) await forget(download);
    return isGone;
  }

  #sharers(key: string): Download[] {
    const shared = this.#options.hub.find(key);
    if (!shared) return [];
    return [...this.#options.downloads()].filter((d) => d.progress.shared === shared);
  }
}
