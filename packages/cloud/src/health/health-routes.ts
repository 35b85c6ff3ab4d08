import type { Clock } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { SwarmRegistry } from '../registry/swarm-registry.ts';

/** A shared registry counts by walking over it: not more often than so, ms. */
const countMs = 5_000;

/** `GET /health` (ours): 200 when both stores answer. The counts may be five seconds old. */
export function healthRoutes(
  app: FastifyInstance,
  { catalogue, registry, clock }: { catalogue: Catalogue; registry: SwarmRegistry; clock: Clock },
): void {
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
    return { Status: 'ok', Swarms: swarms, Peers: peers };
  });
}
