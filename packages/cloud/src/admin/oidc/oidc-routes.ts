import { sluiceError } from '@sluice/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { baseUrl } from '../../http/base-url.ts';
import { enter, type LoginParts, recordLogin } from '../login/login-routes.ts';
import { readCookie, setCookie } from '../login/session-cookie.ts';
import type { OidcFlow, OidcLogin } from './oidc-login.ts';

const callback = '/admin/login/oidc/callback';
/** Where the browser goes when it is in. */
const home = '/console/';
/** How long one may take at the provider, s. */
const flowMaxAge = 600;

/** Logging in at an identity provider (ours); outside of the admin scope, since nobody is in yet. */
export function oidcRoutes(
  app: FastifyInstance,
  parts: LoginParts & { oidc: OidcLogin; listenUrl: () => string },
): void {
  const { admin, audit, oidc, listenUrl } = parts;
  const redirectUri = (request: FastifyRequest) => `${baseUrl(request, listenUrl())}${callback}`;

  app.get('/admin/login/oidc', async (request, reply) => {
    const { url, flow } = await oidc.begin(redirectUri(request));
    // Lax: the browser comes back from another site. It holds the verifier, so that no cloud has to; to its own user
    // that is no secret, and without it a code that somebody stole, or slips to another browser, is worth nothing.
    const attributes = { path: '/', sameSite: 'Lax', maxAge: flowMaxAge } as const;
    setCookie(request, reply, flowCookie(request), formatFlow(flow), attributes);
    return reply.redirect(url.href, 303);
  });

  app.get(callback, async (request, reply) => {
    const flow = flowOf(request);
    setCookie(request, reply, flowCookie(request), '', { path: '/', sameSite: 'Lax', maxAge: 0 });
    if (!flow) throw sluiceError('LoginRefused', { detail: 'it was not begun in this browser' });
    // Each has the provider asked: a stranger gets to do so a few times.
    await admin.attempts.take(request.callerIp);
    const returned = new URL(redirectUri(request));
    returned.search = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : '';
    const provided = await oidc.finish(returned, flow).catch(async (error) => {
      request.log.warn({ detail: error.message }, 'login at the identity provider failed');
      await recordLogin(request, audit, undefined, { status: 403, error: error.code });
      throw error;
    });
    const user = await admin.users.provided(provided);
    if (user.enabled !== 1) {
      await recordLogin(request, audit, user, { status: 403, error: 'LoginRefused' });
      throw sluiceError('LoginRefused', { detail: 'the user is disabled' });
    }
    await recordLogin(request, audit, user, { status: 303, error: null });
    await enter(request, reply, admin, await admin.sessions.begin(user));
    await admin.users.loggedIn(user);
    await admin.attempts.succeeded(request.callerIp);
    return reply.redirect(home, 303);
  });
}

function flowCookie(request: FastifyRequest): string {
  return request.protocol === 'https' ? '__Host-sluice-oidc' : 'sluice-oidc';
}

function formatFlow({ state, nonce, verifier }: OidcFlow): string {
  return [state, nonce, verifier].join('.');
}

function flowOf(request: FastifyRequest): OidcFlow | undefined {
  const shape = /^[\w-]{43}\.[\w-]{43}\.[\w-]{43}$/;
  const [state, nonce, verifier] =
    readCookie(request, flowCookie(request), shape)?.split('.') ?? [];
  if (state === undefined || nonce === undefined || verifier === undefined) return undefined;
  return { state, nonce, verifier };
}
