import { encodeEnrolmentToken, sluiceError } from '@sluice/protocol';
import { TenantText } from '@sluice/protocol/schemas';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { adminOf, defaultTenant } from '../admin/access/caller.ts';
import { requireRole } from '../admin/access/require-role.ts';
import { baseUrl } from '../http/base-url.ts';
import { idParams, idText } from '../http/param-schemas.ts';
import type { Page } from './enrolments.ts';
import type { Identity } from './identity.ts';

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
    after: idText,
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
    { schema: { body: createBody }, onRequest: requireRole('operator', 'tenant') },
    async (request, reply) => {
      const { GroupId, Uses = 1, Url, ExpiresInSeconds = weekSeconds } = request.body;
      const own = ownTenant(request);
      const { Tenant = own ?? defaultTenant } = request.body;
      if (own !== undefined && Tenant !== own) throw sluiceError('TenantTooSmall');
      const { secret, view } = await enrolments.create({
        tenant: Tenant,
        groupId: GroupId?.toLowerCase() ?? null,
        uses: Uses,
        expiresAt: wallTime() + ExpiresInSeconds * 1000,
      });
      request.auditFacts = { Id: view.Id, Tenant, Uses, ExpiresAt: view.ExpiresAt };
      request.log.info({ id: view.Id, tenant: Tenant }, 'enrolment token created');
      const url = Url ?? baseUrl(request, listenUrl());
      const Token = encodeEnrolmentToken({ url, pin: pin(), secret });
      return reply.code(201).send({ ...view, Token });
    },
  );

  const listing = {
    schema: { querystring: pageQuery },
    onRequest: requireRole('viewer', 'tenant'),
  };
  const changing = { schema: { params: idParams }, onRequest: requireRole('operator', 'tenant') };

  app.get<PageRoute>('/admin/enrolments', listing, async (request) => {
    const page = pageOf(request);
    const found = await enrolments.list(page);
    return { Enrolments: found, Next: found.length === page.limit ? found.at(-1)!.Id : null };
  });

  app.delete<ById>('/admin/enrolments/:id', changing, async (request, reply) => {
    await enrolments.revoke(request.params.id, ownTenant(request));
    request.log.info({ id: request.params.id }, 'enrolment token revoked');
    return reply.code(204).send();
  });

  app.get<PageRoute>('/admin/devices', listing, async (request) => {
    const page = pageOf(request);
    const found = await devices.list(page);
    return { Devices: found, Next: found.length === page.limit ? found.at(-1)!.DeviceId : null };
  });

  app.delete<ById>('/admin/devices/:id', changing, async (request, reply) => {
    await devices.revoke(request.params.id, ownTenant(request));
    request.log.info({ deviceId: request.params.id }, 'device revoked');
    return reply.code(204).send();
  });
}

/** The tenant that the caller administers; undefined: all of them. */
function ownTenant(request: FastifyRequest): string | undefined {
  const { tenant } = adminOf(request);
  return tenant === defaultTenant ? undefined : tenant;
}

function pageOf(request: FastifyRequest<PageRoute>): Page {
  const { limit, after } = request.query;
  const rows = Math.min(maxPage, Number(limit ?? defaultPage));
  return { after: after ?? '', limit: rows, tenant: ownTenant(request) };
}
