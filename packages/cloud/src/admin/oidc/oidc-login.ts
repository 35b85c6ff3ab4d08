import { sluiceError } from '@sluice/protocol';
import type { Configuration } from 'openid-client';
import type { ProvidedUser } from '../users/admin-users.ts';
import { checkOidcOptions, claimOf, isHere, type OidcOptions, roleOf } from './oidc-options.ts';

/** How long the provider may take for an answer, s. */
const patience = 10;
/** By how much its clock may differ, s. */
const clockTolerance = 30;
/** What an ID token may say of who it is (OpenID Connect Core §2: at most 255 ASCII characters). */
const subjectShape = /^[\x21-\x7e]{1,255}$/;
const maxDisplayName = 128;

/** What the browser keeps between going to the provider and coming back. */
export interface OidcFlow {
  state: string;
  nonce: string;
  verifier: string;
}

/** Logging in at an identity provider: authorization code with PKCE and nonce. */
export class OidcLogin {
  readonly #options: OidcOptions;
  #found: Promise<Configuration> | undefined;

  /** @throws InvalidArgument */
  constructor(options: OidcOptions) {
    checkOidcOptions(options);
    this.#options = options;
  }

  /** @returns where the browser goes. @throws IdentityProviderFailed */
  async begin(redirectUri: string): Promise<{ url: URL; flow: OidcFlow }> {
    const client = await import('openid-client');
    const configuration = await this.#configuration();
    const flow = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: `openid ${this.#options.scope}`.trim(),
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
    });
    return { url, flow };
  }

  /**
   * @param returned the redirect URI with what the provider added to it
   * @throws LoginRefused, IdentityProviderFailed
   */
  async finish(returned: URL, flow: OidcFlow): Promise<ProvidedUser> {
    const configuration = await this.#configuration();
    const claims = await this.#claims(configuration, returned, flow).catch((cause) => {
      throw isNetworkFault(cause) ? unusable(cause) : refused(cause);
    });
    const role = roleOf(claims, this.#options);
    if (role === undefined) {
      const detail = `${this.#options.roleClaim} has none of the values that give a role`;
      throw sluiceError('LoginRefused', { detail });
    }
    const { sub } = claims;
    if (typeof sub !== 'string' || !subjectShape.test(sub)) {
      throw sluiceError('LoginRefused', { detail: 'the subject cannot be a name' });
    }
    return { subject: sub, displayName: displayNameOf(claims), role };
  }

  async #claims(configuration: Configuration, returned: URL, flow: OidcFlow) {
    const client = await import('openid-client');
    const tokens = await client.authorizationCodeGrant(configuration, returned, {
      expectedState: flow.state,
      expectedNonce: flow.nonce,
      pkceCodeVerifier: flow.verifier,
    });
    const claims: Record<string, unknown> = { ...tokens.claims() };
    const { userinfo_endpoint } = configuration.serverMetadata();
    const said = claimOf(claims, this.#options.roleClaim) !== undefined;
    if (said || userinfo_endpoint === undefined) return claims;
    // Many providers keep the ID token small.
    const { access_token } = tokens;
    const more = await client.fetchUserInfo(configuration, access_token, String(claims.sub));
    return { ...more, ...claims };
  }

  async #configuration(): Promise<Configuration> {
    this.#found ??= this.#discover();
    try {
      return await this.#found;
    } catch (cause) {
      // It may be there the next time.
      this.#found = undefined;
      throw unusable(cause);
    }
  }

  async #discover(): Promise<Configuration> {
    const client = await import('openid-client');
    const { issuer, clientId, clientSecret } = this.#options;
    const url = new URL(issuer);
    const insecure = url.protocol === 'http:' && isHere(url);
    return await client.discovery(
      url,
      clientId,
      { client_secret: clientSecret, [client.clockTolerance]: clockTolerance },
      undefined,
      { timeout: patience, ...(insecure && { execute: [client.allowInsecureRequests] }) },
    );
  }
}

function displayNameOf(claims: Record<string, unknown>): string {
  const names = [claims.preferred_username, claims.email, claims.name, claims.sub];
  const name = String(names.find((one) => typeof one === 'string' && one !== '') ?? '');
  const shown = name.toWellFormed().replaceAll(/\p{C}/gu, '\ufffd');
  return shown.slice(0, maxDisplayName).toWellFormed();
}

/** An answer that never came, in time or at all. */
function isNetworkFault(cause: unknown): boolean {
  const { name, code } = cause as { name?: string; code?: string };
  return code === 'OAUTH_TIMEOUT' || (name === 'TypeError' && code === undefined);
}

function unusable(cause: unknown): Error {
  return sluiceError('IdentityProviderFailed', { detail: reasonOf(cause) }, { cause });
}

function refused(cause: unknown): Error {
  return sluiceError('LoginRefused', { detail: reasonOf(cause) }, { cause });
}

/** The words of the library or of the standard, never what somebody wrote into a URL. */
function reasonOf(cause: unknown): string {
  const { error, code, message } = cause as { error?: string; code?: string; message?: string };
  if (error !== undefined && /^[a-z_]{1,64}$/.test(error)) return error;
  return code === undefined ? (message ?? 'no answer') : `${code}`;
}
