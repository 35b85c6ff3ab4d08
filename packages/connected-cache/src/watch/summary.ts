import type { CacheStats } from '../stats.ts';

/** As the IoT node's `/summary` names them, its spelling included (connected-cache.md §14). */
export interface Summary {
  hitBytes: number;
  missBytes: number;
  eggressBytes: number;
  /** Of all bytes sent, 0 to 1. */
  hitRatioBytes: number;
}

export function summaryOf({ HitBytes, MissBytes, EgressBytes }: CacheStats): Summary {
  return {
    hitBytes: HitBytes,
    missBytes: MissBytes,
    eggressBytes: EgressBytes,
    hitRatioBytes: EgressBytes > 0 ? HitBytes / EgressBytes : 0,
  };
}
