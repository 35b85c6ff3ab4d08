import type { Clock } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import type { Alarms } from '../alarms/alarms.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { SwarmRegistry } from '../registry/swarm-registry.ts';

/** A shared registry counts by walking over it: not more often than so, ms. */
const countMs = 5_000;

/** `GET /health` (ours): 200 when both stores answer. The counts may be five seconds old. `Alarms`: how many an admin has to look at. */
export function healthRoutes(
  app: FastifyInstance,
  parts: { catalogue: Catalogue; registry: SwarmRegistry; alarms: Alarms; clock: Clock },
): void {
  const { catalogue, registry, alarms, clock } = parts;
  let counted: { at: number; stats: ReturnType<SwarmRegistry['stats']> } | undefined;
  const count = () => {
    if (!counted || clock.now() - counted.at >= countMs) {
      counted = { at: clock.now(), stats: registry.stats() };
      counted.stats.catch(() => {
        counted = undefined;
      });
    }
    return counted.stats;
  };
  app.get('/health', async () => {
    await catalogue.list({ after: undefined, limit: 1 });
    const { swarms, peers } = await count();
    const open = await alarms.open();
    return { Status: 'ok', Swarms: swarms, Peers: peers, ...(open > 0 && { Alarms: open }) };
  });
}
