import { isSluiceError, sluiceError } from '@sluice/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuseOtherOrigins } from '../access/same-origin.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { eventOf } from '../audit/record.ts';
import type { UserRow } from '../users/admin-users.ts';
import type { AdminStores } from '../users/open-admin.ts';
import { passwordLogin } from './password-login.ts';
import { maxPasswordLength, type Passwords } from './passwords.ts';
import { sessionKeyOf, setSessionCookie } from './session-cookie.ts';

const loginBody = {
  type: 'object',
  required: ['Name', 'Password'],
  additionalProperties: false,
  properties: {
    Name: { type: 'string', maxLength: 320 },
    Password: { type: 'string', maxLength: maxPasswordLength },
  },
};

interface Login {
  Body: { Name: string; Password: string };
}

export interface LoginParts {
  admin: AdminStores;
  audit: AuditLog;
  passwords: Passwords;
}

/** How one logs in to the admin API (ours); outside of the admin scope, since nobody is in yet. */
export function loginRoutes(
  app: FastifyInstance,
  parts: LoginParts & { oidc: object | undefined },
): void {
  const { admin, audit, passwords, oidc } = parts;
  app.get('/admin/login', async () => ({ Password: true, Oidc: oidc !== undefined }));

  app.post<Login>(
    '/admin/login',
    {
      schema: { body: loginBody },
      onRequest: async (request) => refuseOtherOrigins(request),
    },
    async (request, reply) => {
      const { Name: name, Password: password } = request.body;
      const given = { name, password, ip: request.callerIp };
      const outcome = await passwordLogin(admin, passwords, given).catch(async (error) => {
        // The first of them only: an attacker does not get to fill the disk.
        const told = isSluiceError(error, 'TooManyLogins') && error.params.first === true;
        if (told) await recordLogin(request, audit, undefined, { status: 429, error: error.code });
        throw error;
      });
      if ('failed' in outcome) {
        const failure = { status: 401, error: 'LoginFailed' };
        await recordLogin(request, audit, outcome.user, failure);
        throw sluiceError('LoginFailed');
      }
      await recordLogin(request, audit, outcome.user, { status: 200, error: null });
      await enter(request, reply, admin, outcome.key);
      const { name: User, role: Role, tenant: Tenant } = outcome.user;
      return { User, Role, Tenant };
    },
  );
}

/** Gives the browser its new session, and ends the one that it had. */
export async function enter(
  request: FastifyRequest,
  reply: FastifyReply,
  { sessions }: AdminStores,
  key: string,
): Promise<void> {
  const oldKey = sessionKeyOf(request);
  const old = oldKey === undefined ? undefined : await sessions.find(oldKey);
  if (old) await sessions.end(old.digest);
  setSessionCookie(request, reply, key);
}

/** @param user who was meant; a name that nobody has is not kept: it may be a password in the wrong field */
export async function recordLogin(
  request: FastifyRequest,
  audit: AuditLog,
  user: UserRow | undefined,
  { status, error }: { status: number; error: string | null },
): Promise<void> {
  const who = user && { User: user.name, Role: user.role, Tenant: user.tenant };
  const event = { ...eventOf(request, 'login'), Target: '', Detail: '{}', ...who };
  await audit.append({ ...event, Status: status, Error: error });
}
