import { systemClock } from './clock.ts';
import { type CacheNodeOptions, tuningFor } from './options.ts';
import { Parent } from './upstream/parent.ts';

/** As clients wait for a cache host (workflow.md §8). */
const upstreamConnectMs = 3_000;

/** The node above. @param upstream its `host[:port]` */
export function parentOf(upstream: string, options: CacheNodeOptions): Parent {
  const { clock = systemClock, logger } = options;
  return new Parent({
    ...tuningFor(options),
    origin: `http://${upstream}`,
    connectTimeoutMs: upstreamConnectMs,
    now: () => clock.now(),
    failed: (err) => logger?.warn({ err, upstream }, 'the upstream node was passed by'),
  });
}
