import type { GateSettings } from '../gates/index.ts';

const gb = 1024 ** 3;
/** So much of every disk is left to others, whatever the settings say. */
const lowDiskBytes = gb;
/** On small disks it is this share of it. */
const lowDiskShare = 0.05;

/** The settings of the store (policies.md §7). */
export type CacheSettings = Pick<
  GateSettings,
  'DOMaxCacheSize' | 'DOAbsoluteMaxCacheSize' | 'DOMaxCacheAge'
>;

/** The volume of the store, bytes. */
export interface DiskSpace {
  totalBytes: number;
  freeBytes: number;
}

/**
 * Bytes that the store may have, pinned contents aside. The percentage is one of the space "available",
 * which is what is free and what the store has already: else it would shrink as the store fills.
 */
export function cacheQuota(settings: CacheSettings, disk: DiskSpace, usedBytes: number): number {
  const { DOAbsoluteMaxCacheSize: absolute, DOMaxCacheSize: percent } = settings;
  if (absolute !== undefined) return absolute === 0 ? Number.POSITIVE_INFINITY : absolute * gb;
  return Math.floor(((disk.freeBytes + usedBytes) * percent) / 100);
}

/** Bytes that must become free because the disk is nearly full. */
export function lowDiskDebt({ totalBytes, freeBytes }: DiskSpace): number {
  return Math.max(0, Math.min(lowDiskBytes, Math.floor(totalBytes * lowDiskShare)) - freeBytes);
}
