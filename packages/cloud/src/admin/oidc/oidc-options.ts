import { isIP } from 'node:net';
import { sluiceError } from '@sluice/protocol';
import { type AdminRole, adminRoles, hasRole } from '../access/caller.ts';

/** An identity provider whose users may log in (OpenID Connect Core 1.0). */
export interface OidcOptions {
  /** Its URL, under which its `.well-known/openid-configuration` is. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Asked for beside `openid`, with spaces between. */
  scope: string;
  /** The claim that says who may what; `a.b` is what is named b in the claim a. */
  roleClaim: string;
  /** Which value of it is which role. Whoever has none of them is refused. */
  roles: { value: string; role: AdminRole }[];
}

/** What cannot work is told at the start, not at the first login. @throws InvalidArgument */
export function checkOidcOptions(options: OidcOptions): void {
  const refuse = (name: string, detail: string) => {
    throw sluiceError('InvalidArgument', { name, detail });
  };
  const url = URL.parse(options.issuer);
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && isHere(url)))) {
    refuse('--oidc-issuer', 'it must be an https:// URL (http:// only on this machine)');
  }
  if (options.clientId === '') refuse('--oidc-client-id', 'it is empty');
  if (options.clientSecret === '') refuse('--oidc-client-secret-file', 'it is empty');
  if (options.roles.length === 0) refuse('--oidc-role', 'nobody could log in without any');
}

/** Whether the issuer is on this machine, where TLS protects nothing. */
export function isHere({ hostname }: URL): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

/** The highest role that the claims give; undefined when they give none. */
export function roleOf(
  claims: Record<string, unknown>,
  { roleClaim, roles }: Pick<OidcOptions, 'roleClaim' | 'roles'>,
): AdminRole | undefined {
  const values = [claimOf(claims, roleClaim) ?? []].flat();
  const given = roles.filter(({ value }) => values.includes(value)).map(({ role }) => role);
  return adminRoles.findLast((role) => given.some((one) => hasRole(one, role)));
}

/** A claim by its name, which may have dots in it, else by its path. */
export function claimOf(claims: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part))
      return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
