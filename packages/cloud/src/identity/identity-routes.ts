import {
  type AuthorityReply,
  type Clock,
  type EnrolReply,
  type EnrolRequest,
  type RotateKeyRequest,
  type SessionRequest,
  sluiceError,
} from '@sluice/protocol';
import {
  EnrolRequestSchema,
  RotateKeyRequestSchema,
  SessionRequestSchema,
} from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import { RateLimiter } from '../http/rate-limiter.ts';
import { siteOf } from '../registry/site.ts';
import type { Identity } from './identity.ts';

/** Requests a second of one site: each costs a signature check and a write. A whole site may come at once. */
const perSecond = 50;
const atOnce = 1_000;
/** Bytes of a request. */
const bodyLimit = 4_096;

/** What devices ask of the cloud to become known, and to be known again (ours). */
export function identityRoutes(
  app: FastifyInstance,
  parts: { identity: Identity; clock: Clock; authority: () => string | undefined },
): void {
  const { identity, clock, authority } = parts;
  const limiter = new RateLimiter(clock, perSecond, atOnce);
  const onRequest = async (request: { callerIp: string }) => {
    if (!limiter.take(siteOf(request.callerIp))) throw sluiceError('TooManyRequests');
  };

  app.get(
    '/identity',
    { onRequest },
    async (): Promise<AuthorityReply> => ({
      Cloud: identity.cloudName,
      CaCertificate: authority() ?? null,
    }),
  );

  app.post<{ Body: EnrolRequest }>(
    '/identity/enrol',
    { onRequest, bodyLimit, schema: { body: EnrolRequestSchema } },
    async (request): Promise<EnrolReply> => {
      const { deviceId, tenant, groupId } = await identity.devices.enrol(request.body);
      request.log.info({ deviceId, tenant }, 'device enrolled');
      return { DeviceId: deviceId, Tenant: tenant, GroupId: groupId };
    },
  );

  app.post<{ Body: SessionRequest }>(
    '/identity/session',
    { onRequest, bodyLimit, schema: { body: SessionRequestSchema } },
    (request) => identity.sessions.open(request.body),
  );

  app.post<{ Body: RotateKeyRequest }>(
    '/identity/rotate',
    { onRequest, bodyLimit, schema: { body: RotateKeyRequestSchema } },
    async (request) => {
      await identity.sessions.rotate(request.body);
      request.log.info({ deviceId: request.body.DeviceId }, 'device has another key');
      return {};
    },
  );
}
