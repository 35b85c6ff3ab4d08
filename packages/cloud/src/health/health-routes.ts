import type { FastifyInstance } from 'fastify';
import type { Drain } from './drain.ts';
import type { StoreProbe, StoreState } from './store-probe.ts';

/**
 * Probes (ours). `GET /health`: 200 as long as the process serves; a restart would not bring a store back, so
 * `Status` is then "degraded". `GET /ready`: 200 when it should be sent requests, 503 while a store is away or it is
 * about to stop. The counts may be five seconds old; `Alarms`: how many an admin has to look at.
 */
export function healthRoutes(
  app: FastifyInstance,
  { probe, drain }: { probe: StoreProbe; drain: Drain },
): void {
  app.get('/health', async () => {
    const state = await probe.look();
    return { Status: state.away.length > 0 ? 'degraded' : 'ok', ...facts(state) };
  });
  app.get('/ready', async (_request, reply) => {
    if (drain.on) return reply.code(503).send({ Status: 'draining' });
    const state = await probe.look();
    if (state.away.length === 0) return { Status: 'ready' };
    return reply.code(503).send({ Status: 'not ready', Away: state.away });
  });
}

function facts({ away, swarms, peers, alarms }: StoreState) {
  return {
    ...(away.length > 0 && { Away: away }),
    ...(swarms !== undefined && { Swarms: swarms, Peers: peers }),
    ...(alarms !== undefined && alarms > 0 && { Alarms: alarms }),
  };
}
