import type { FastifyInstance } from 'fastify';
import type { AuditLog } from '../audit/audit-log.ts';
import { recordChanges } from '../audit/record.ts';
import type { AdminStores } from '../users/open-admin.ts';
import { authenticate, type Known } from './authenticate.ts';
import { ownersOnlyUnlessSaid } from './require-role.ts';
import { onlyOwnOrigin } from './same-origin.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** How the caller in `admin` is known; set together with it. */
    adminKnown: Known | undefined;
  }
}

/**
 * Makes `scope` the scope of the admin API: who asks is in `request.admin` before a body is read, others are
 * refused; a route says its least role by `requireRole`; all that is changed is in the audit log.
 */
export function adminScope(
  scope: FastifyInstance,
  parts: {
    admin: AdminStores;
    audit: AuditLog;
    isAdminToken: (authorization: string | undefined) => boolean;
  },
): void {
  scope.decorateRequest('admin', undefined);
  scope.decorateRequest('adminKnown', undefined);
  recordChanges(scope, parts.audit);
  // Before the body is read: a stranger does not get to send 64 MiB.
  scope.addHook('onRequest', async (request) => {
    const known = await authenticate(request, parts.admin, parts.isAdminToken);
    request.adminKnown = known;
    request.admin = known.caller;
    if (known.by === 'session') onlyOwnOrigin(request);
  });
  ownersOnlyUnlessSaid(scope);
}
