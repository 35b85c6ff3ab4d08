import {
  type CacheCheck,
  type DeleteRequest,
  type ExpireRequest,
  type PinRequest,
  sluiceError,
} from '@sluice/protocol';
import type { Agent } from '../agent.ts';
import type { Router } from './router.ts';

const maxPeers = 1_000;
const FileId = { type: 'string', minLength: 1, maxLength: 8192 };
const body = (properties: object, required: string[]) => ({
  schema: { body: { type: 'object', properties, required, additionalProperties: false } },
});

/**
 * What those who look after the agent ask and order; shapes in `@sluice/protocol`.
 *
 *     GET    /v1/peers?count=5       FilePeers of each file
 *     GET    /v1/perfsnap            PerfSnap
 *     GET    /v1/perfsnap/month      MonthSnap
 *     GET    /v1/doctor              DoctorReport
 *     GET    /v1/cache               CacheFiles
 *     POST   /v1/cache/pin           PinRequest → CacheFiles
 *     POST   /v1/cache/expire        ExpireRequest → CacheFiles
 *     POST   /v1/cache/delete        DeleteRequest → CacheFiles that went
 *     POST   /v1/cache/verify        begins a check, unless one is under way: 202
 *     GET    /v1/cache/verify        {Running, Result: CacheCheck | null}
 */
export function addAdminRoutes(app: Router, agent: Agent): void {
  app.get<{ Querystring: { count?: string } }>('/v1/peers', async ({ query }) => {
    const count = Number(query.count ?? 5);
    if (!(Number.isInteger(count) && count >= 0 && count <= maxPeers)) {
      throw sluiceError('InvalidArgument', { name: 'count', detail: `0 to ${maxPeers}` });
    }
    return { Files: (await agent.admin()).peers(count) };
  });
  app.get('/v1/perfsnap', async () => (await agent.admin()).perfSnap());
  app.get('/v1/perfsnap/month', async () => (await agent.admin()).monthSnap());
  app.get('/v1/doctor', async () => (await agent.admin()).examine());
  addCacheRoutes(app, agent);
  addVerifyRoutes(app, agent);
}

function addCacheRoutes(app: Router, agent: Agent): void {
  const admin = async () => (await agent.cache()).admin;
  app.get('/v1/cache', async () => ({ Files: await (await admin()).list() }));
  app.post<{ Body: PinRequest }>(
    '/v1/cache/pin',
    body({ FileId, IsPinned: { type: 'boolean' } }, ['FileId', 'IsPinned']),
    async ({ body: { FileId: id, IsPinned } }) => ({
      Files: await (await admin()).setPinned(id, IsPinned),
    }),
  );
  app.post<{ Body: ExpireRequest }>(
    '/v1/cache/expire',
    body({ FileId, ExpireOn: { type: 'string', maxLength: 100 } }, ['ExpireOn']),
    async ({ body: { FileId: id, ExpireOn } }) => ({
      Files: await (await admin()).setExpiration(new Date(ExpireOn), id),
    }),
  );
  app.post<{ Body: DeleteRequest }>(
    '/v1/cache/delete',
    body({ FileId, IncludePinned: { type: 'boolean' } }, []),
    async ({ body: { FileId: id, IncludePinned } }) => ({
      Files: await (await admin()).remove(id, IncludePinned),
    }),
  );
}

/** A check may take hours: it is begun, and asked for. */
function addVerifyRoutes(app: Router, agent: Agent): void {
  let running: Promise<void> | undefined;
  let outcome: { Result: CacheCheck } | { fault: unknown } | undefined;
  app.post('/v1/cache/verify', async (_request, reply) => {
    const cache = await agent.cache();
    if (!running) {
      outcome = undefined;
      running = cache
        .verify()
        .then(
          (Result) => {
            outcome = { Result };
          },
          (fault: unknown) => {
            outcome = { fault };
          },
        )
        .finally(() => {
          running = undefined;
        });
    }
    reply.code(202);
    return { Running: true, Result: null };
  });
  app.get('/v1/cache/verify', () => {
    if (outcome && 'fault' in outcome) throw outcome.fault;
    return { Running: running !== undefined, Result: outcome?.Result ?? null };
  });
}
