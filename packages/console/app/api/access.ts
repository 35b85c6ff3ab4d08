import type { AuditReply } from '@sluice/protocol';
import type { Role } from '../session/session.ts';
import { askJson, withQuery } from './client.ts';

export interface User {
  Name: string;
  DisplayName: string | null;
  Role: Role;
  Tenant: string;
  IsEnabled: boolean;
  Source: 'password' | 'oidc';
  CreatedAt: string | null;
  CreatedBy: string;
  LastLogin: string | null;
}

export interface ApiToken {
  Name: string;
  Role: Role;
  Tenant: string;
  CreatedAt: string | null;
  CreatedBy: string;
  ExpiresAt: string | null;
  LastUsed: string | null;
}

/** Users and tokens of a page: more than an organisation has. */
const most = 500;

export async function users(): Promise<User[]> {
  return (await askJson<{ Users: User[] }>(withQuery('/admin/users', { limit: most }))).Users;
}

export function createUser(user: {
  Name: string;
  Role: Role;
  Password: string;
  Tenant?: string;
}): Promise<User> {
  return askJson('/admin/users', { method: 'POST', body: user });
}

export function changeUser(
  name: string,
  change: { Role?: Role; Password?: string; IsEnabled?: boolean },
): Promise<User> {
  return askJson(`/admin/users/${encodeURIComponent(name)}`, { method: 'PATCH', body: change });
}

export function removeUser(name: string): Promise<void> {
  return askJson(`/admin/users/${encodeURIComponent(name)}`, { method: 'DELETE' });
}

export async function tokens(): Promise<ApiToken[]> {
  return (await askJson<{ Tokens: ApiToken[] }>(withQuery('/admin/tokens', { limit: most })))
    .Tokens;
}

export function createToken(token: {
  Name: string;
  Role: Role;
  Tenant?: string;
  ExpiresAt: string | null;
}): Promise<ApiToken & { Token: string }> {
  return askJson('/admin/tokens', { method: 'POST', body: token });
}

export function revokeToken(name: string): Promise<void> {
  return askJson(`/admin/tokens/${encodeURIComponent(name)}`, { method: 'DELETE' });
}

export function auditPage(query: {
  user?: string;
  action?: string;
  after?: string | undefined;
}): Promise<AuditReply> {
  return askJson(withQuery('/admin/audit', { ...query, limit: 100 }));
}

export function changeOwnPassword(current: string, next: string): Promise<void> {
  const body = { CurrentPassword: current, NewPassword: next };
  return askJson('/admin/me/password', { method: 'POST', body });
}
