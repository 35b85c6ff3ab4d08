/** What the store may keep: DO's rules of size, age, pinning and expiry. */
export { type CacheSettings, type DiskSpace, lowDiskDebt } from './cache-limits.ts';
export {
  type CachedContent,
  type EvictionReason,
  evictions,
  expiryOf,
  type PublisherWishes,
} from './eviction.ts';
