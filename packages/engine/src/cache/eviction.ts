import { defaultSettings } from '@sluice/protocol/policy';
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
  publisher: PublisherWishes;
  /** It is being written, delivered, or uploaded. */
  isBusy: boolean;
}

/** How long the publisher of a content wants it kept, by its content policy. */
export interface PublisherWishes {
  /** After its download, s; 0 or undefined: no wish. */
  maxAgeSecs?: number | undefined;
  /** Not beyond this, ms since 1970. */
  expireAt?: number | undefined;
}

export type EvictionReason = 'expired' | 'age' | 'publisher' | 'size' | 'disk';

export interface Eviction {
  key: string;
  reason: EvictionReason;
}

/** What decides when a content goes by itself. */
type Expiring = Pick<CachedContent, 'expireOn' | 'isPinned' | 'since' | 'publisher'>;

/**
 * When a content goes by itself, ms since 1970; undefined: never for its age (admin.md §6). What an admin set
 * for it holds, or that it is pinned; else the first of its age and its publisher's day.
 */
export function expiryOf(content: Expiring, settings: CacheSettings): number | undefined {
  return dueOf(content, settings)?.at;
}

function dueOf(
  { expireOn, isPinned, since, publisher }: Expiring,
  { DOMaxCacheAge: maxAge }: CacheSettings,
): { at: number; reason: EvictionReason } | undefined {
  if (expireOn !== undefined) return { at: expireOn, reason: 'expired' };
  if (isPinned) return undefined;
  const dues: { at: number; reason: EvictionReason }[] = [];
  if (maxAge > 0) dues.push({ at: since + maxAge * 1000, reason: 'age' });
  const { maxAgeSecs = 0, expireAt } = publisher;
  // What somebody has set here beats the publisher's wish; what nobody has set does not.
  if (maxAgeSecs > 0 && maxAge === defaultSettings.DOMaxCacheAge) {
    dues.push({ at: since + maxAgeSecs * 1000, reason: 'publisher' });
  }
  if (expireAt !== undefined) dues.push({ at: expireAt, reason: 'publisher' });
  return dues.sort((a, b) => a.at - b.at)[0];
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
  const due = new Map<CachedContent, EvictionReason>();
  for (const c of free) {
    const over = dueOf(c, settings);
    if (over && over.at <= now && (c.isComplete || over.reason !== 'expired')) {
      due.set(c, over.reason);
    }
  }
  for (const [c, reason] of due) evict(c, reason);
  const rest = free.filter((c) => !c.isPinned && !due.has(c)).sort(byWorth);
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
