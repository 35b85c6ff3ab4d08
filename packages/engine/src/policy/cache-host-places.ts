/** Who can name cache hosts (policies.md §11, wire.md). */
export type CacheHostPlace = 'setting' | 'dhcp' | 'localDiscovery' | 'geo';

/**
 * Whom to ask for cache hosts, in order; the first that names any, or is set to none, has it.
 * @param source DOCacheHostSource. @param geoFlag CacheHostFlag of the geo reply.
 */
export function cacheHostPlaces(
  source: number | undefined,
  geoFlag: number | undefined,
): CacheHostPlace[] {
  if (source === 2) return ['dhcp', 'setting', 'localDiscovery', 'geo'];
  if (source === 1) return ['setting', 'dhcp', 'localDiscovery', 'geo'];
  if (geoFlag === 1) return ['dhcp', 'setting', 'localDiscovery', 'geo'];
  return ['setting', 'localDiscovery', 'geo'];
}
