import type { FastifyInstance } from 'fastify';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { SwarmRegistry } from '../registry/swarm-registry.ts';

/** `GET /health` (ours): 200 when both stores answer. */
export function healthRoutes(
  app: FastifyInstance,
  { catalogue, registry }: { catalogue: Catalogue; registry: SwarmRegistry },
): void {
  app.get('/health', async () => {
    await catalogue.list({ after: undefined, limit: 1 });
    const { swarms, peers } = await registry.stats();
    return { Status: 'ok', Swarms: swarms, Peers: peers };
  });
}
