import {
  type HeartbeatReply,
  type HeartbeatRequest,
  type RegisterNodeReply,
  type RegisterNodeRequest,
  sluiceError,
} from '@sluice/protocol';
import { HeartbeatRequestSchema, RegisterNodeRequestSchema } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import type { CacheNodes } from './cache-nodes.ts';
import { heartbeatSeconds } from './node-record.ts';
import type { PreheatJobs } from './preheat-jobs.ts';

/** Bytes of a heartbeat: with the results of a thousand URLs. */
const bodyLimit = 16 * 1024 * 1024;

/** What cache nodes ask of the cloud (ours): to be registered, and to be heard. */
export function nodeRoutes(
  app: FastifyInstance,
  { cacheNodes, preheatJobs }: { cacheNodes: CacheNodes; preheatJobs: PreheatJobs },
): void {
  app.post<{ Body: RegisterNodeRequest }>(
    '/cache-nodes/register',
    { schema: { body: RegisterNodeRequestSchema } },
    async (request): Promise<RegisterNodeReply> => {
      const { id, name, key } = await cacheNodes.register(request.body.RegistrationKey);
      request.log.info({ name, id }, 'cache node registered');
      return { CacheNodeId: id, Name: name, Key: key };
    },
  );

  app.post<{ Body: HeartbeatRequest }>(
    '/cache-nodes/heartbeat',
    {
      schema: { body: HeartbeatRequestSchema },
      bodyLimit,
      // Before the body is read: a stranger does not get to send 16 MiB.
      onRequest: async (request) => {
        await authenticated(cacheNodes, request.headers.authorization);
      },
    },
    async (request): Promise<HeartbeatReply> => {
      const { Name } = await authenticated(cacheNodes, request.headers.authorization);
      const { PublicHost, Port, Jobs } = request.body;
      const seen = request.callerIp.includes(':') ? `[${request.callerIp}]` : request.callerIp;
      await cacheNodes.heard(Name, PublicHost ?? `${seen}:${Port}`, request.body);
      const node = await cacheNodes.view(Name);
      return {
        HeartbeatSeconds: heartbeatSeconds,
        IsEnabled: node.IsEnabled,
        MaxAllowableEgressInMbps: node.MaxAllowableEgressInMbps,
        ...(await preheatJobs.exchange(Name, Jobs)),
      };
    },
  );
}

/** `Bearer <node id>.<key>` @throws NotAuthorized */
export async function authenticated(cacheNodes: CacheNodes, authorization: string | undefined) {
  const [, id, key] = /^Bearer ([0-9a-f-]{36})\.([\w-]{32,128})$/.exec(authorization ?? '') ?? [];
  if (id === undefined || key === undefined) throw sluiceError('NotAuthorized');
  return cacheNodes.authenticate(id, key);
}
