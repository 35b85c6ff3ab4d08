import type { AgentOptions } from '../agent-options.ts';
import type { Parts } from '../agent-parts.ts';
import { AgentCache } from './agent-cache.ts';
import type { SharedContentsOptions } from './cached-contents.ts';
import { systemSpace } from './disk-space.ts';

/** The store of an agent, by what the agent is made of. */
export function openAgentCache(
  { diskSpace = systemSpace }: AgentOptions,
  { root, settings, clock, today, logger }: Parts,
  contents: SharedContentsOptions,
): AgentCache {
  return new AgentCache({
    ...contents,
    folder: root,
    settings: settings,
    space: diskSpace,
    clock,
    today,
    logger,
  });
}
