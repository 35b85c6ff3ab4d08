import { type AuditReply, sluiceError } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import { adminOf, defaultTenant } from '../access/caller.ts';
import { requireRole } from '../access/require-role.ts';
import { nextOf, type PageQuery, pageOf, pageQuery } from '../users/list-page.ts';
import { tenantText } from '../users/names.ts';
import type { AuditLog } from './audit-log.ts';

interface Asked extends PageQuery {
  order?: 'newest' | 'oldest';
  user?: string;
  action?: string;
  tenant?: string;
  from?: string;
  to?: string;
}

const text = { type: 'string', pattern: '^[^\\u0000-\\u001f\\u007f]{1,300}$' };
const query = pageQuery({
  after: { type: 'string', pattern: '^[0-9]{1,15}$' },
  order: { enum: ['newest', 'oldest'] },
  ...{ user: text, action: text, tenant: tenantText },
  ...{ from: { type: 'string', maxLength: 64 }, to: { type: 'string', maxLength: 64 } },
});

/** The audit log (ours), for owners; admins of a tenant see that of their own. Registered in the admin scope. */
export function auditRoutes(app: FastifyInstance, { audit }: { audit: AuditLog }): void {
  app.get<{ Querystring: Asked }>(
    '/admin/audit',
    { schema: { querystring: query }, onRequest: requireRole('owner', 'tenant') },
    async (request): Promise<AuditReply> => {
      const { order, user, action, tenant, from, to } = request.query;
      const caller = adminOf(request);
      const own = caller.tenant === defaultTenant ? tenant : caller.tenant;
      const { after, limit } = pageOf(request.query);
      const found = await audit.list({
        ...{ user, action, tenant: own, limit },
        from: timeOf('from', from),
        to: timeOf('to', to),
        newestFirst: order !== 'oldest',
        after: after === undefined ? undefined : Number(after),
      });
      return { Entries: found, Next: nextOf(found, { after, limit }, (e) => String(e.Seq)) };
    },
  );
}

/** @throws RequestInvalid */
function timeOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  throw sluiceError('RequestInvalid', { detail: `${name}: ISO 8601` });
}
