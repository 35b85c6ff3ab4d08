import type { OidcOptions } from '@sluice/cloud';
import { sluiceError } from '@sluice/protocol';
import { readBounded } from '../files/read-bounded.ts';
import type { OidcFlags } from '../options/oidc.ts';

const maxSecretBytes = 4096;

/** The identity provider that the flags name, if they do. @throws InvalidArgument, FileUnreadable */
export async function oidcOf(flags: OidcFlags): Promise<OidcOptions | undefined> {
  const { oidcIssuer, oidcClientId, oidcClientSecretFile, oidcRole } = flags;
  if (oidcIssuer === undefined) {
    if (oidcClientId ?? oidcClientSecretFile ?? oidcRole) throw needed('--oidc-issuer');
    return undefined;
  }
  if (oidcClientId === undefined) throw needed('--oidc-client-id');
  if (oidcClientSecretFile === undefined) throw needed('--oidc-client-secret-file');
  const secret = await readBounded(oidcClientSecretFile, maxSecretBytes);
  return {
    ...{ issuer: oidcIssuer, clientId: oidcClientId },
    clientSecret: Buffer.from(secret).toString('utf8').trim(),
    ...{ scope: flags.oidcScope, roleClaim: flags.oidcRoleClaim, roles: oidcRole ?? [] },
  };
}

function needed(name: string): Error {
  const detail = 'it is needed with the other --oidc flags';
  return sluiceError('InvalidArgument', { name, detail });
}
