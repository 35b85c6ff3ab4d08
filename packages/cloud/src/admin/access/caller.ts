import { sluiceError } from '@sluice/protocol';
import type { FastifyRequest } from 'fastify';

/** From the least to the most: reads; publishes, preheats, sets; rules over users, tokens, audit, tenants. */
export const adminRoles = ['viewer', 'operator', 'owner'] as const;
export type AdminRole = (typeof adminRoles)[number];

/** The tenant of everything not told otherwise. Its admins run the cloud as a whole. */
export const defaultTenant = 'default';

/** Who asks the admin API. */
export interface AdminCaller {
  /** A user’s name, `oidc:SUBJECT`, `token:NAME`, or `admin-token`: no two of these can be the same. */
  user: string;
  role: AdminRole;
  tenant: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set in the admin scope before any route of it is reached. */
    admin: AdminCaller | undefined;
  }
}

/** Whether `role` may do what needs `least`. */
export function hasRole(role: AdminRole, least: AdminRole): boolean {
  return adminRoles.indexOf(role) >= adminRoles.indexOf(least);
}

/** Who asks, in a route of the admin scope. @throws NotAuthorized */
export function adminOf(request: FastifyRequest): AdminCaller {
  if (!request.admin) throw sluiceError('NotAuthorized');
  return request.admin;
}
