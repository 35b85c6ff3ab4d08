import { isIP } from 'node:net';
import { sluiceError } from '@sluice/protocol';
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { authenticate } from '../admin/access/authenticate.ts';
import { defaultTenant } from '../admin/access/caller.ts';
import type { AdminStores } from '../admin/users/open-admin.ts';

/** `open`: anybody. `token`: who may see the cloud as a whole, and who asks from its own machine. */
export type MetricsAccess = 'open' | 'token';

/** A hook before `/metrics`. @throws (as hook) NotAuthorized, TenantTooSmall */
export function metricsGate(parts: {
  admin: AdminStores;
  isAdminToken: (authorization: string | undefined) => boolean;
  metrics: MetricsAccess | undefined;
}): onRequestAsyncHookHandler {
  const { admin, isAdminToken, metrics = 'token' } = parts;
  return async (request) => {
    if (metrics === 'open' || isOfThisMachine(request)) return;
    const { caller } = await authenticate(request, admin, isAdminToken);
    if (caller.tenant !== defaultTenant) throw sluiceError('TenantTooSmall');
  };
}

const forwarding = ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip'];

/** A proxy on this machine that nobody told us to trust asks for others: it does not count as the machine. */
function isOfThisMachine({ callerIp, headers }: FastifyRequest): boolean {
  return isLoopback(callerIp) && !forwarding.some((name) => headers[name] !== undefined);
}

function isLoopback(ip: string): boolean {
  return isIP(ip) === 4 ? ip.startsWith('127.') : ip === '::1';
}
