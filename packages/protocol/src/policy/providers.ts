/**
 * Who can set a value, highest first. The documents print no order (policies.md §1): Group Policy over
 * MDM is the general rule of Windows, both over what was set on the device, all of it over what the cloud
 * suggests; what the cloud enforces is above everybody.
 */
export const policyProviders = [
  'CloudForced',
  'GroupPolicy',
  'Mdm',
  'Admin',
  'CommandLine',
  'Environment',
  'ConfigFile',
  'CloudDefault',
  'Default',
] as const;

export type PolicyProvider = (typeof policyProviders)[number];

interface ProviderText {
  /** For people. */
  name: string;
  /** Number of the provider in Get-DOConfig and telemetry (policies.md §1). */
  id: number;
  /** What it sets binds: who asks for a download cannot have more than that. */
  binds: boolean;
}

/** What Delivery Optimization has no number for is a setting of the device: 8. */
export const providerTexts: Readonly<Record<PolicyProvider, ProviderText>> = {
  CloudForced: { name: 'cloud, forced', id: 0, binds: true },
  GroupPolicy: { name: 'Group Policy', id: 5, binds: true },
  Mdm: { name: 'MDM', id: 7, binds: true },
  Admin: { name: 'admin', id: 9, binds: false },
  CommandLine: { name: 'command line', id: 8, binds: false },
  Environment: { name: 'environment', id: 8, binds: false },
  ConfigFile: { name: 'config file', id: 8, binds: false },
  CloudDefault: { name: 'cloud', id: 0, binds: false },
  Default: { name: 'default', id: 99, binds: false },
};
