import { DownloadModes } from '@sluice/protocol';
import type { AgentOptions } from '../agent-options.ts';
import type { Parts } from '../agent-parts.ts';
import { settledMode } from '../download/settled-mode.ts';
import type { CloudClient } from '../services/cloud-client.ts';
import { EventFeed } from './event-feed.ts';

/** What an agent tells its cloud; undefined without one. */
export function feedOf(
  options: AgentOptions,
  parts: Parts,
  of: {
    cloud: CloudClient | undefined;
    group: () => Promise<string | undefined>;
    agentStops: () => boolean;
  },
): EventFeed | undefined {
  const { cloud, group, agentStops } = of;
  const { settings, clock, logger } = parts;
  if (!cloud) return undefined;
  return new EventFeed({
    // A download that is through in no time does without.
    open: async () =>
      (await import('./open-events.ts')).openEvents(options, parts, { cloud, group }),
    isWanted: () =>
      settings.current.SluiceEvents !== 0 &&
      settings.current.DODownloadMode !== DownloadModes.Simple &&
      cloud.eventsUrl !== null,
    isOurs: ({ request: { CloudUrl } }) => CloudUrl === undefined || CloudUrl === options.cloudUrl,
    planned: ({ request }) => settledMode(request, settings),
    agentStops,
    isBrief: options.persistent !== true,
    clock,
    random: options.random ?? Math.random,
    logger,
  });
}
