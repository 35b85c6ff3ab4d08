import type { Clock } from '@sluice/protocol';
import { checkGivenSettings, type GivenSettings } from '@sluice/protocol/policy';
import type { Logger } from 'pino';
import type { AgentOptions } from '../agent-options.ts';
import type { PeerRestriction } from '../network/peer-restriction.ts';
import { LiveSettings } from './live-settings.ts';
import { settingsFileOf } from './policy-places.ts';

/** The values of DORestrictPeerSelectionBy, each at its number. */
const restrictions: readonly PeerRestriction[] = ['none', 'subnet', 'local'];

/** The settings of an agent: what its options give, and what the places say. @throws InvalidArgument */
export function openSettings(
  options: AgentOptions,
  { clock, logger }: { clock: Clock; logger: Logger },
): Promise<LiveSettings> {
  const { dataDir, policies = {} } = options;
  const { settingsFile = settingsFileOf(dataDir) } = policies;
  const commandLine = checkGivenSettings(givenBy(options));
  return LiveSettings.open({ places: { ...policies, settingsFile }, commandLine, clock, logger });
}

/** DORestrictPeerSelectionBy by name. */
export function restrictionOf(setting: number): PeerRestriction {
  return restrictions[setting] ?? 'none';
}

function givenBy({ settings, cacheHosts, restrictPeerSelectionBy: by }: AgentOptions) {
  const given: GivenSettings = {
    ...settings,
    ...(cacheHosts && { DOCacheHost: cacheHosts.join(',') }),
    ...(by !== undefined && { DORestrictPeerSelectionBy: restrictions.indexOf(by) }),
  };
  return given;
}
