import { InvalidArgumentError, Option } from 'commander';
import { pathValue } from './values.ts';

/** Flags of an identity provider whose users may log in at a cloud. */
export interface OidcFlags {
  oidcIssuer?: string;
  oidcClientId?: string;
  oidcClientSecretFile?: string;
  oidcScope: string;
  oidcRoleClaim: string;
  oidcRole?: { value: string; role: Role }[];
}

const roles = ['viewer', 'operator', 'owner'] as const;
type Role = (typeof roles)[number];

export function oidcOptions(): Option[] {
  return [
    new Option('--oidc-issuer <url>', 'an identity provider whose users may log in as admins'),
    new Option('--oidc-client-id <id>', 'as what the cloud is registered there'),
    new Option(
      '--oidc-client-secret-file <file>',
      'file with the secret that the provider gave',
    ).argParser(pathValue),
    new Option('--oidc-scope <scopes>', 'what is asked of the provider beside openid').default(
      'profile email',
    ),
    new Option('--oidc-role-claim <name>', 'the claim that tells roles; a.b is b inside a').default(
      'groups',
    ),
    new Option(
      '--oidc-role <value=role>',
      'which value of the claim is which role: viewer, operator or owner; may be repeated',
    ).argParser(roleValue),
  ];
}

function roleValue(text: string, previous: OidcFlags['oidcRole'] = []): OidcFlags['oidcRole'] {
  const cut = text.lastIndexOf('=');
  const role = roles.find((one) => one === text.slice(cut + 1));
  if (cut < 1 || role === undefined) {
    throw new InvalidArgumentError('It must be VALUE=viewer, VALUE=operator or VALUE=owner.');
  }
  return [...previous, { value: text.slice(0, cut), role }];
}
