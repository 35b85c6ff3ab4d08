import type { FastifyInstance } from 'fastify';
import type { AuditLog } from '../audit/audit-log.ts';
import { auditRoutes } from '../audit/audit-routes.ts';
import { loginRoutes } from '../login/login-routes.ts';
import { ownRoutes } from '../login/own-routes.ts';
import type { Passwords } from '../login/passwords.ts';
import type { OidcLogin } from '../oidc/oidc-login.ts';
import { oidcRoutes } from '../oidc/oidc-routes.ts';
import type { AdminStores } from '../users/open-admin.ts';
import { tokenRoutes } from '../users/token-routes.ts';
import { userRoutes } from '../users/user-routes.ts';

export interface AccessParts {
  admin: AdminStores;
  audit: AuditLog;
  passwords: Passwords;
  oidc: OidcLogin | undefined;
  wallTime: () => number;
  listenUrl: () => string;
}

/** What is there for who is not in yet. */
export function openRoutes(app: FastifyInstance, parts: AccessParts): void {
  loginRoutes(app, parts);
  if (parts.oidc) oidcRoutes(app, { ...parts, oidc: parts.oidc });
}

/** Who may use the admin API, and who did; in the admin scope. */
export function accessRoutes(app: FastifyInstance, parts: AccessParts): void {
  for (const routes of [ownRoutes, userRoutes, tokenRoutes, auditRoutes]) routes(app, parts);
}
