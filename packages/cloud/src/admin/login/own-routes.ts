import { sluiceError } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import { adminOf } from '../access/caller.ts';
import { requireRole } from '../access/require-role.ts';
import { checkedPassword, passwordText } from '../users/user-routes.ts';
import type { LoginParts } from './login-routes.ts';
import { confirmPassword } from './password-login.ts';
import { maxPasswordLength } from './passwords.ts';
import { clearSessionCookie } from './session-cookie.ts';

const passwordBody = {
  type: 'object',
  required: ['CurrentPassword', 'NewPassword'],
  additionalProperties: false,
  properties: {
    CurrentPassword: { type: 'string', maxLength: maxPasswordLength },
    NewPassword: passwordText,
  },
};

interface ChangePassword {
  Body: { CurrentPassword: string; NewPassword: string };
}

/** What everybody who is in may do: see who one is, change one’s password, log out. In the admin scope. */
export function ownRoutes(app: FastifyInstance, { admin, passwords }: LoginParts): void {
  const onRequest = requireRole('viewer', 'tenant');

  app.get('/admin/me', { onRequest }, async (request) => {
    const { user, role, tenant } = adminOf(request);
    const row = request.adminKnown?.by === 'session' ? await admin.users.byName(user) : undefined;
    return {
      ...{ User: user, DisplayName: row?.display_name ?? null, Role: role, Tenant: tenant },
      By: request.adminKnown?.by,
      CanChangePassword: typeof row?.password === 'string',
    };
  });

  app.post<ChangePassword>(
    '/admin/me/password',
    { schema: { body: passwordBody }, onRequest },
    async (request, reply) => {
      const { CurrentPassword, NewPassword } = request.body;
      const { session } = request.adminKnown ?? {};
      const user = session && (await admin.users.byName(adminOf(request).user));
      if (!user || user.password === null) {
        const detail = 'only who has logged in with a password can change it';
        throw sluiceError('RequestInvalid', { detail });
      }
      checkedPassword(NewPassword, user.name);
      const given = { user, password: CurrentPassword, ip: request.callerIp };
      await confirmPassword(admin, passwords, given);
      await admin.users.change(user, { password: await passwords.hash(NewPassword) }, session);
      return reply.code(204).send();
    },
  );

  app.post('/admin/logout', { onRequest }, async (request, reply) => {
    const { session } = request.adminKnown ?? {};
    if (session === undefined) {
      throw sluiceError('RequestInvalid', { detail: 'a token has no session to end' });
    }
    await admin.sessions.end(session);
    clearSessionCookie(request, reply);
    return reply.code(204).send();
  });
}
