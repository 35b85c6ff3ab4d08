import { sluiceError } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import { type AdminRole, adminOf } from '../access/caller.ts';
import { requireRole } from '../access/require-role.ts';
import { tenantFor } from './admin-users.ts';
import type { ApiTokens, TokenRow } from './api-tokens.ts';
import { nextOf, type PageQuery, pageOf, pageQuery } from './list-page.ts';
import { nameText, roleText, tenantText } from './names.ts';

const createBody = {
  type: 'object',
  required: ['Name', 'Role', 'ExpiresAt'],
  additionalProperties: false,
  properties: {
    Name: nameText,
    Role: roleText,
    Tenant: tenantText,
    ExpiresAt: { type: ['string', 'null'], maxLength: 64 },
  },
};
const params = { type: 'object', properties: { name: nameText } };

interface Create {
  Body: { Name: string; Role: AdminRole; Tenant?: string; ExpiresAt: string | null };
}
interface ByName {
  Params: { name: string };
}

/** The API tokens (ours), for owners; registered in the admin scope. */
export function tokenRoutes(
  app: FastifyInstance,
  { admin: { tokens }, wallTime }: { admin: { tokens: ApiTokens }; wallTime: () => number },
): void {
  const onRequest = requireRole('owner', 'tenant');

  app.get<{ Querystring: PageQuery }>(
    '/admin/tokens',
    { schema: { querystring: pageQuery() }, onRequest },
    async (request) => {
      const page = pageOf(request.query);
      const found = await tokens.list(page, adminOf(request));
      return { Tokens: found.map(tokenView), Next: nextOf(found, page, (row) => row.name) };
    },
  );

  app.post<Create>(
    '/admin/tokens',
    { schema: { body: createBody }, onRequest },
    async (request, reply) => {
      const { Name, Role, Tenant, ExpiresAt } = request.body;
      const caller = adminOf(request);
      const tenant = tenantFor(caller, Tenant);
      request.auditFacts = { Name, Role, Tenant: tenant, ExpiresAt };
      const expires_at = ExpiresAt === null ? null : futureTime(ExpiresAt, wallTime());
      const given = { name: Name, role: Role, tenant, expires_at };
      const { token, row } = await tokens.create(given, caller);
      return reply.code(201).send({ ...tokenView(row), Token: token });
    },
  );

  app.delete<ByName>(
    '/admin/tokens/:name',
    { schema: { params }, onRequest },
    async (request, reply) => {
      await tokens.revoke(request.params.name, adminOf(request));
      return reply.code(204).send();
    },
  );
}

/** ms since 1970. @throws RequestInvalid */
function futureTime(text: string, now: number): number {
  const at = Date.parse(text);
  if (at > now) return at;
  const detail = 'ExpiresAt: a time to come in ISO 8601, or null for never';
  throw sluiceError('RequestInvalid', { detail });
}

function tokenView(row: TokenRow) {
  const time = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  return {
    ...{ Name: row.name, Role: row.role, Tenant: row.tenant },
    ...{ CreatedAt: time(row.created_at), CreatedBy: row.created_by },
    ...{ ExpiresAt: time(row.expires_at), LastUsed: time(row.last_used_at) },
  };
}
