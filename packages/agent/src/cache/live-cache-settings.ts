import type { CacheSettings } from '@sluice/engine';

/** The settings of the store as they are now. */
export interface LiveCacheSettings {
  readonly current: CacheSettings;
  /** @param fn called after they have changed. @returns a function that ends it. */
  watch(fn: () => void): () => void;
}
