import { encodeEnrolmentToken } from '@sluice/protocol';
import { TenantText } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import { baseUrl } from '../http/base-url.ts';
import type { Identity } from './identity.ts';

const defaultTenant = 'default';
const weekSeconds = 7 * 86_400;
const yearSeconds = 366 * 86_400;
const defaultPage = 100;
const maxPage = 500;

const createBody = {
  type: 'object',
  additionalProperties: false,
  properties: {
    Tenant: TenantText,
    GroupId: {
      type: 'string',
      pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
    },
    Uses: { type: 'integer', minimum: 1, maximum: 1_000_000 },
    ExpiresInSeconds: { type: 'integer', minimum: 60, maximum: yearSeconds },
    /** Under which devices reach the cloud. */
    Url: { type: 'string', pattern: '^https?://[^\\s?#]{1,1000}$' },
  },
};
interface CreateBody {
  Tenant?: string;
  GroupId?: string;
  Uses?: number;
  ExpiresInSeconds?: number;
  Url?: string;
}

const pageQuery = {
  type: 'object',
  properties: {
    limit: { type: 'string', pattern: '^[1-9][0-9]{0,2}$' },
    after: { type: 'string', maxLength: 64 },
  },
};
interface PageRoute {
  Querystring: { limit?: string; after?: string };
}
type ById = { Params: { id: string } };

/** The admin API of enrolments and devices (ours); registered where an admin is asked for. */
export function adminIdentityRoutes(
  app: FastifyInstance,
  parts: {
    identity: Identity;
    wallTime: () => number;
    listenUrl: () => string;
    pin: () => string | undefined;
  },
): void {
  const { identity, wallTime, listenUrl, pin } = parts;
  const { enrolments, devices } = identity;

  app.post<{ Body: CreateBody }>(
    '/admin/enrolments',
    { schema: { body: createBody } },
    async (request, reply) => {
      const { Tenant = defaultTenant, GroupId, Uses = 1, Url } = request.body;
      const { ExpiresInSeconds = weekSeconds } = request.body;
      const { secret, view } = await enrolments.create({
        tenant: Tenant,
        groupId: GroupId?.toLowerCase() ?? null,
        uses: Uses,
        expiresAt: wallTime() + ExpiresInSeconds * 1000,
      });
      request.log.info({ id: view.Id, tenant: Tenant }, 'enrolment token created');
      const url = Url ?? baseUrl(request, listenUrl());
      const Token = encodeEnrolmentToken({ url, pin: pin(), secret });
      return reply.code(201).send({ ...view, Token });
    },
  );

  app.get<PageRoute>('/admin/enrolments', { schema: { querystring: pageQuery } }, async (r) => {
    const limit = limitOf(r.query);
    const found = await enrolments.list(r.query.after, limit);
    return { Enrolments: found, Next: found.length === limit ? found.at(-1)!.Id : null };
  });

  app.delete<ById>('/admin/enrolments/:id', async (request, reply) => {
    await enrolments.revoke(request.params.id);
    request.log.info({ id: request.params.id }, 'enrolment token revoked');
    return reply.code(204).send();
  });

  app.get<PageRoute>('/admin/devices', { schema: { querystring: pageQuery } }, async (r) => {
    const limit = limitOf(r.query);
    const found = await devices.list(r.query.after, limit);
    return { Devices: found, Next: found.length === limit ? found.at(-1)!.DeviceId : null };
  });

  app.delete<ById>('/admin/devices/:id', async (request, reply) => {
    await devices.revoke(request.params.id);
    request.log.info({ deviceId: request.params.id }, 'device revoked');
    return reply.code(204).send();
  });
}

function limitOf({ limit }: PageRoute['Querystring']): number {
  return Math.min(maxPage, Number(limit ?? defaultPage));
}
