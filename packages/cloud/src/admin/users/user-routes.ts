import { sluiceError } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import { type AdminRole, adminOf } from '../access/caller.ts';
import { requireRole } from '../access/require-role.ts';
import { maxPasswordLength, minPasswordLength, type Passwords } from '../login/passwords.ts';
import { type AdminUsers, tenantFor, type UserRow } from './admin-users.ts';
import { nextOf, type PageQuery, pageOf, pageQuery } from './list-page.ts';
import { anyNameText, nameText, roleText, tenantText } from './names.ts';

export const passwordText = {
  type: 'string',
  minLength: minPasswordLength,
  maxLength: maxPasswordLength,
};
const createBody = {
  type: 'object',
  required: ['Name', 'Role', 'Password'],
  additionalProperties: false,
  properties: { Name: nameText, Role: roleText, Password: passwordText, Tenant: tenantText },
};
const changeBody = {
  type: 'object',
  minProperties: 1,
  additionalProperties: false,
  properties: { Role: roleText, Password: passwordText, IsEnabled: { type: 'boolean' } },
};
const params = { type: 'object', properties: { name: anyNameText } };

interface Create {
  Body: { Name: string; Role: AdminRole; Password: string; Tenant?: string };
}
interface ByName {
  Params: { name: string };
}
interface Change extends ByName {
  Body: { Role?: AdminRole; Password?: string; IsEnabled?: boolean };
}

/** The users of the admin API (ours), for owners; registered in the admin scope. */
export function userRoutes(
  app: FastifyInstance,
  { admin: { users }, passwords }: { admin: { users: AdminUsers }; passwords: Passwords },
): void {
  const onRequest = requireRole('owner', 'tenant');

  app.get<{ Querystring: PageQuery }>(
    '/admin/users',
    { schema: { querystring: pageQuery() }, onRequest },
    async (request) => {
      const page = pageOf(request.query);
      const found = await users.list(page, adminOf(request));
      return { Users: found.map(userView), Next: nextOf(found, page, (row) => row.name) };
    },
  );

  app.post<Create>(
    '/admin/users',
    { schema: { body: createBody }, onRequest },
    async (request, reply) => {
      const { Name, Role, Password, Tenant } = request.body;
      const caller = adminOf(request);
      const tenant = tenantFor(caller, Tenant);
      request.auditFacts = { Name, Role, Tenant: tenant };
      const password = await passwords.hash(checkedPassword(Password, Name));
      const row = await users.create({ name: Name, role: Role, tenant, password }, caller);
      return reply.code(201).send(userView(row));
    },
  );

  app.get<ByName>('/admin/users/:name', { schema: { params }, onRequest }, async (request) =>
    userView(await users.visible(request.params.name, adminOf(request))),
  );

  app.patch<Change>(
    '/admin/users/:name',
    { schema: { params, body: changeBody }, onRequest },
    async (request) => {
      const { Role, Password, IsEnabled } = request.body;
      request.auditFacts = {
        ...{ Role, IsEnabled },
        ...(Password !== undefined && { Password: '(changed)' }),
      };
      const row = await users.visible(request.params.name, adminOf(request));
      if (row.password === null && (Role !== undefined || Password !== undefined)) {
        const detail = 'the identity provider says the role and the password of this user';
        throw sluiceError('RequestInvalid', { detail });
      }
      const changed = await users.change(row, {
        ...(Role !== undefined && { role: Role }),
        ...(IsEnabled !== undefined && { enabled: IsEnabled ? 1 : 0 }),
        ...(Password !== undefined && {
          password: await passwords.hash(checkedPassword(Password, row.name)),
        }),
      });
      return userView(changed);
    },
  );

  app.delete<ByName>(
    '/admin/users/:name',
    { schema: { params }, onRequest },
    async (request, reply) => {
      await users.remove(await users.visible(request.params.name, adminOf(request)));
      return reply.code(204).send();
    },
  );
}

/** What no schema can say. @throws RequestInvalid */
export function checkedPassword(password: string, name: string): string {
  const holdsName = name.length >= 4 && password.toLowerCase().includes(name);
  if (!holdsName && new Set(password).size >= 5) return password;
  const detail = 'Password: it must not hold the name, and have at least five different characters';
  throw sluiceError('RequestInvalid', { detail });
}

function userView(row: UserRow) {
  const time = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  return {
    ...{ Name: row.name, DisplayName: row.display_name, Role: row.role, Tenant: row.tenant },
    IsEnabled: row.enabled === 1,
    Source: row.password === null ? 'oidc' : 'password',
    ...{ CreatedAt: time(row.created_at), CreatedBy: row.created_by },
    LastLogin: time(row.last_login_at),
  };
}
