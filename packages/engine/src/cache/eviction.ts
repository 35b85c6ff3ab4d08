import { type CacheSettings, cacheQuota, type DiskSpace, lowDiskDebt } from './cache-limits.ts';

/** One content of the store, as far as keeping it goes. Times are ms since 1970. */
export interface CachedContent {
  key: string;
  /** On the disk. */
  bytes: number;
  /** The user's file is the same bytes on the disk: deleting the content frees nothing. */
  isLinked: boolean;
  isComplete: boolean;
  /** When it was downloaded; of one that is not complete, when it was last written to. */
  since: number;
  /** When it was last downloaded, delivered or uploaded. */
  usedAt: number;
  isPinned: boolean;
  /** Set by an admin. */
  expireOn: number | undefined;
  /** It is being written, delivered, or uploaded. */
  isBusy: boolean;
}

export type EvictionReason = 'expired' | 'age' | 'size' | 'disk';

export interface Eviction {
  key: string;
  reason: EvictionReason;
}

/** When a content goes by itself, ms since 1970; undefined: never for its age (admin.md §6). */
export function expiryOf(
  content: Pick<CachedContent, 'expireOn' | 'isPinned' | 'since'>,
  { DOMaxCacheAge: maxAge }: CacheSettings,
): number | undefined {
  if (content.expireOn !== undefined) return content.expireOn;
  if (content.isPinned || maxAge === 0) return undefined;
  return content.since + maxAge * 1000;
}

/**
 * Which contents must go, in this order: first those whose time is over, then, until quota and disk are
 * kept, what was left half done and what was used least recently. What is busy stays, and what is pinned
 * stays until its expiry and does not count.
 * @param neededBytes that somebody is about to write.
 */
export function evictions(
  contents: readonly CachedContent[],
  settings: CacheSettings,
  disk: DiskSpace,
  now: number,
  neededBytes = 0,
): Eviction[] {
  const counted = contents.filter((c) => !c.isPinned);
  const usedBytes = counted.reduce((sum, c) => sum + c.bytes, 0);
  const gone: Eviction[] = [];
  let over = usedBytes - cacheQuota(settings, disk, usedBytes);
  let debt = lowDiskDebt({ ...disk, freeBytes: disk.freeBytes - neededBytes });
  const evict = (content: CachedContent, reason: EvictionReason) => {
    gone.push({ key: content.key, reason });
    if (!content.isPinned) over -= content.bytes;
    if (!content.isLinked) debt -= content.bytes;
  };
  const free = contents.filter((c) => !c.isBusy);
  const isOver = (c: CachedContent) => (expiryOf(c, settings) ?? Number.POSITIVE_INFINITY) <= now;
  const isDue = (c: CachedContent) => isOver(c) && (c.isComplete || c.expireOn === undefined);
  for (const c of free.filter(isDue)) evict(c, c.expireOn === undefined ? 'age' : 'expired');
  const rest = free.filter((c) => !c.isPinned && !isDue(c)).sort(byWorth);
  for (const c of rest) {
    if (over > 0) evict(c, 'size');
    else if (debt > 0 && !c.isLinked && c.bytes > 0) evict(c, 'disk');
  }
  return gone;
}

/** The least worth first. */
function byWorth(a: CachedContent, b: CachedContent): number {
  return Number(a.isComplete) - Number(b.isComplete) || a.usedAt - b.usedAt;
}
