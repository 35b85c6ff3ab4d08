import { sluiceError } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import { defaultTenant } from './caller.ts';
import { ownersOnlyUnlessSaid } from './require-role.ts';

/**
 * Makes `scope` the scope of the admin API: who asks is in `request.admin` before a body is read, others are
 * refused; a route says its least role by `requireRole`.
 */
export function adminScope(
  scope: FastifyInstance,
  { isAdminToken }: { isAdminToken: (authorization: string | undefined) => boolean },
): void {
  scope.decorateRequest('admin', undefined);
  // Before the body is read: a stranger does not get to send 64 MiB.
  scope.addHook('onRequest', (request, _reply, done) => {
    if (!isAdminToken(request.headers.authorization)) throw sluiceError('NotAuthorized');
    request.admin = { user: 'admin-token', role: 'owner', tenant: defaultTenant };
    done();
  });
  ownersOnlyUnlessSaid(scope);
}
