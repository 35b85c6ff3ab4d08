import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { Provider } from 'oidc-provider';

export const clientId = 'sluice';
export const clientSecret = 'the-secret-of-this-client';

/** A real provider that logs in whoever `who` is, without asking. */
export interface TestProvider {
  issuer: string;
  /** Who is at the browser. */
  who: { sub: string; claims: Record<string, unknown> };
  /** From now on it answers, for a client that comes back to `redirectUri`. */
  serve(redirectUri: string): void;
}

export async function startProvider(t: TestContext): Promise<TestProvider> {
  let handle = (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(503).end();
  };
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const self: TestProvider = {
    issuer,
    who: { sub: 'nobody', claims: {} },
    serve(redirectUri) {
      const provider = providerOf(self, redirectUri);
      const answer = provider.callback();
      handle = async (request, response) => {
        if (!request.url?.startsWith('/interaction/')) return void answer(request, response);
        const login = { accountId: self.who.sub };
        await provider.interactionFinished(request, response, { login });
      };
    },
  };
  return self;
}

function providerOf(self: TestProvider, redirectUri: string): Provider {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return new Provider(self.issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
    cookies: { keys: ['of this test'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
    scopes: ['openid', 'profile', 'groups'],
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...self.who.claims }) }),
    // Nobody is asked whether the client may have what it asks for.
    async loadExistingGrant(ctx) {
      const { Grant } = ctx.oidc.provider;
      const accountId = ctx.oidc.session!.accountId!;
      const grant = new Grant({ clientId, accountId });
      grant.addOIDCScope('openid profile groups');
      await grant.save();
      return grant;
    },
  });
}

/** Follows redirects as a browser does, with cookies of its own for each host. */
export class TestBrowser {
  readonly #jars = new Map<string, Map<string, string>>();

  /** @returns the answer of the first address that `until` holds for, unasked, or of the last. */
  async go(url: string, until: (url: URL) => boolean = () => false): Promise<Visit> {
    const at = new URL(url);
    if (until(at)) return { url: at, status: 0, text: '' };
    const jar = this.#jar(at);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(at, { redirect: 'manual', headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!;
      if (value === '') jar.delete(name!);
      else jar.set(name!, value!);
    }
    const text = await response.text();
    const location = response.headers.get('location');
    if (location === null) return { url: at, status: response.status, text };
    return this.go(new URL(location, at).href, until);
  }

  /** The cookies that this host gets. */
  cookies(url: string): Map<string, string> {
    return this.#jar(new URL(url));
  }

  #jar({ host }: URL): Map<string, string> {
    const jar = this.#jars.get(host) ?? new Map<string, string>();
    this.#jars.set(host, jar);
    return jar;
  }
}

interface Visit {
  url: URL;
  /** 0: not asked. */
  status: number;
  text: string;
}
