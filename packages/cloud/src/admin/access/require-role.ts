import { sluiceError } from '@sluice/protocol';
import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import { type AdminRole, adminOf, defaultTenant, hasRole } from './caller.ts';

/** Whose a route is: of the cloud as a whole, or of each tenant, which sees its own by `request.admin.tenant`. */
export type Reach = 'cloud' | 'tenant';

const checks = new WeakSet<object>();

/**
 * The least role for a route of the admin scope, before its body is read:
 * `app.get('/admin/x', { onRequest: requireRole('viewer') }, …)`.
 * @param reach 'tenant' when the route shows and changes what is the caller’s tenant’s, and nothing else. Without it
 *   only admins of the tenant 'default' are let in.
 * @throws (as hook) RoleTooLow, NotAuthorized
 */
export function requireRole(least: AdminRole, reach: Reach = 'cloud'): onRequestHookHandler {
  const check: onRequestHookHandler = (request, _reply, done) => {
    const { role, tenant } = adminOf(request);
    if (!hasRole(role, least)) throw sluiceError('RoleTooLow', { least, role });
    if (reach === 'cloud' && tenant !== defaultTenant) throw sluiceError('TenantTooSmall');
    done();
  };
  checks.add(check);
  return check;
}

/** Routes added to `scope` from now on that say no role are for owners. */
export function ownersOnlyUnlessSaid(scope: FastifyInstance): void {
  scope.addHook('onRoute', (route) => {
    const hooks = [route.onRequest ?? [], route.preHandler ?? []].flat();
    if (hooks.some((hook) => checks.has(hook))) return;
    route.onRequest = [requireRole('owner'), ...[route.onRequest ?? []].flat()];
  });
}
