import { groupPlaces } from '@sluice/engine';
import type { Clock } from '@sluice/protocol';
import type { PolicySettings } from '@sluice/protocol/policy';
import { inTime } from '../clock/in-time.ts';
import type { DhcpOptions } from '../dhcp/dhcp-options.ts';
import type { GroupFacts } from './group-facts.ts';
import { groupGuid } from './group-guid.ts';

/** A system that does not answer must not keep a download waiting, ms. */
const patienceMs = 3_000;

/** The group of this device (policies.md §4); undefined when nobody names one. Never rejects. */
export async function findGroup(
  settings: Pick<PolicySettings, 'DOGroupId' | 'DOGroupIdSource'>,
  facts: GroupFacts,
  dhcp: DhcpOptions,
  clock: Clock,
): Promise<string | undefined> {
  if (settings.DOGroupId !== undefined) return settings.DOGroupId;
  const search = async () => {
    for (const place of groupPlaces(settings.DOGroupIdSource)) {
      const text = await (place === 'dhcp' ? dhcp.text(234) : facts[place]());
      if (text) return groupGuid(text);
    }
    return undefined;
  };
  return inTime(clock, patienceMs, search());
}
