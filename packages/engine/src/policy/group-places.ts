/** Who can name the group of a device: the values 1 to 5 of DOGroupIdSource (policies.md §4). */
export type GroupPlace = 'adSite' | 'domainSid' | 'dhcp' | 'dnsSuffix' | 'tenant';

const places: readonly GroupPlace[] = ['adSite', 'domainSid', 'dhcp', 'dnsSuffix', 'tenant'];
const byDefault: readonly GroupPlace[] = ['adSite', 'domainSid', 'tenant'];

/**
 * Whom to ask for the group, in order, when DOGroupId is not set. DHCP and DNS suffix that have no answer
 * leave it to the default order; the other sources are what was asked for, or nothing.
 * @param source DOGroupIdSource.
 */
export function groupPlaces(source: number | undefined): readonly GroupPlace[] {
  const chosen = source ? places[source - 1] : undefined;
  if (chosen === undefined) return byDefault;
  return chosen === 'dhcp' || chosen === 'dnsSuffix' ? [chosen, ...byDefault] : [chosen];
}
