import { bandwidthPolicies } from './catalogue/bandwidth.ts';
import { devicePolicies } from './catalogue/device.ts';
import { eventPolicies } from './catalogue/events.ts';
import { originPolicies } from './catalogue/origins.ts';
import { peerPolicies } from './catalogue/peers.ts';
import type { PolicySpec, ValuesOf } from './policy-spec.ts';

/**
 * Every setting of Delivery Optimization, by its MDM name, which is also that of the registry value
 * (policies.md §2), and our own, which begin with `Sluice`. Whatever checks, documents or shows settings takes them from here.
 */
export const policyCatalogue = {
  ...peerPolicies,
  ...devicePolicies,
  ...bandwidthPolicies,
  ...originPolicies,
  ...eventPolicies,
} as const satisfies Record<string, PolicySpec>;

export type PolicyName = keyof typeof policyCatalogue;

/** All settings as they are in force, in the units of the catalogue. */
export type PolicySettings = ValuesOf<typeof policyCatalogue>;

export const policyNames = Object.keys(policyCatalogue) as PolicyName[];

/** One setting, with the type that all have. */
export function policySpec(name: PolicyName): PolicySpec {
  return policyCatalogue[name];
}

/** Spellings that are read besides the names (policies.md §2, naming trap), never written. */
const aliases: Readonly<Record<string, PolicyName>> = {
  delaycacheserverfallbackbackground: 'DODelayCacheServerFallbackBackground',
  delaycacheserverfallbackforeground: 'DODelayCacheServerFallbackForeground',
  disallowcacheserverdownloadsonvpn: 'DODisallowCacheServerDownloadsOnVPN',
};

const byLowerCase = new Map<string, PolicyName>([
  ...policyNames.map((name): [string, PolicyName] => [name.toLowerCase(), name]),
  ...Object.entries(aliases),
]);

/** The setting of that name; case does not count, as in the registry. */
export function policyNameOf(spelling: string): PolicyName | undefined {
  return byLowerCase.get(spelling.toLowerCase());
}

/** What holds where nobody sets anything. */
export const defaultSettings: PolicySettings = Object.freeze(
  Object.fromEntries(policyNames.map((name) => [name, policyCatalogue[name].default])),
) as PolicySettings;
