import type { EventOf } from '@sluice/protocol';
import { policyNames, type ResolvedPolicies, valueText } from '@sluice/protocol/policy';
import { groupHash, plainText } from './privacy.ts';

const maxValue = 512;

/** Every setting that somebody has set. Paths only where they are allowed, the group hashed only. */
export function setConfigs(
  { settings, sources }: ResolvedPolicies,
  { paths }: { paths: boolean },
): EventOf<'DeviceSnapshot'>['SetConfigs'] {
  const set = policyNames.filter((name) => sources[name].provider !== 'Default');
  const shown = (name: (typeof set)[number]): string | null => {
    if (name === 'DOModifyCacheDrive' && !paths) return null;
    const text = valueText(settings[name]);
    return plainText(name === 'DOGroupId' ? groupHash(text) : text, maxValue);
  };
  return Object.fromEntries(
    set.map((name) => [name, { Value: shown(name), Source: sources[name].provider }]),
  );
}
