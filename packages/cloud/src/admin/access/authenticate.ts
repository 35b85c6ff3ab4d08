import { sluiceError } from '@sluice/protocol';
import type { FastifyRequest } from 'fastify';
import { sessionKeyOf } from '../login/session-cookie.ts';
import type { AdminStores } from '../users/open-admin.ts';
import { type AdminCaller, defaultTenant } from './caller.ts';

/** How somebody is known: what can be done about a login depends on it. */
export interface Known {
  caller: AdminCaller;
  by: 'admin-token' | 'token' | 'session';
  /** Of a session: its digest. */
  session?: string;
}

/** Who has the file of the admin token is an owner, even when nobody can log in. */
export const breakGlass: AdminCaller = {
  user: 'admin-token',
  role: 'owner',
  tenant: defaultTenant,
};

/**
 * Who asks: by the admin token, an API token, or without any by the cookie of a session.
 * @throws NotAuthorized
 */
export async function authenticate(
  request: FastifyRequest,
  { tokens, sessions }: Pick<AdminStores, 'tokens' | 'sessions'>,
  isAdminToken: (authorization: string | undefined) => boolean,
): Promise<Known> {
  const { authorization } = request.headers;
  if (isAdminToken(authorization)) return { caller: breakGlass, by: 'admin-token' };
  if (authorization !== undefined) {
    const given = /^Bearer +(\S{1,128}) *$/i.exec(authorization)?.[1];
    const token = given === undefined ? undefined : await tokens.find(given);
    if (!token) throw sluiceError('NotAuthorized');
    const { name, role, tenant } = token;
    return { caller: { user: `token:${name}`, role, tenant }, by: 'token' };
  }
  const key = sessionKeyOf(request);
  const session = key === undefined ? undefined : await sessions.find(key);
  if (!session) throw sluiceError('NotAuthorized');
  const { name, role, tenant } = session.user;
  return { caller: { user: name, role, tenant }, by: 'session', session: session.digest };
}
