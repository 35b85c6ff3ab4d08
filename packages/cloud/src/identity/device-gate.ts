import { type Clock, isSluiceError, sluiceError } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import type { CacheNodes } from '../cache-nodes/cache-nodes.ts';
import { authenticated } from '../cache-nodes/node-routes.ts';
import { RateLimiter } from '../http/rate-limiter.ts';
import type { Identity } from './identity.ts';
import { type DeviceCaller, tokenPrefix } from './session-tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The device that asks; undefined while enrolment is off, and for cache nodes. */
    device: DeviceCaller | undefined;
  }
}

/** Requests a second of one device in the long run; it joins once for each content that it shares. */
const perSecond = 50;

/** Who may use the services for devices. */
export type EnrolmentMode = 'off' | 'required';

/**
 * Asks every request of the scope for a session. Cache nodes, which are registered by their own key, get the hash
 * lists.
 */
export function deviceGate(
  scope: FastifyInstance,
  parts: { identity: Identity; cacheNodes: CacheNodes; clock: Clock },
): void {
  const { identity, cacheNodes, clock } = parts;
  const { state, tokens } = identity;
  const limiter = new RateLimiter(clock, perSecond);

  const admit = (token: string): DeviceCaller => {
    const device = tokens.verify(token);
    if (!device) throw refusal('its session does not hold, or no longer');
    if (state.isRevoked(device.deviceId)) throw refusal('it was revoked');
    if (!limiter.take(device.deviceId)) throw sluiceError('TooManyRequests');
    return device;
  };

  const isNode = async (authorization: string | undefined): Promise<void> => {
    try {
      await authenticated(cacheNodes, authorization);
    } catch (error) {
      throw isSluiceError(error, 'NotAuthorized') ? refusal('the key is not known') : error;
    }
  };

  // Without a promise where none is needed: thousands of joins a second come by here.
  scope.addHook('onRequest', (request, _reply, done) => {
    const { authorization } = request.headers;
    const token = /^Bearer +(\S{1,1024}) *$/i.exec(authorization ?? '')?.[1];
    const enter = (known: string) => {
      try {
        request.device = admit(known);
      } catch (error) {
        done(error as Error);
        return;
      }
      done();
    };
    if (token?.startsWith(tokenPrefix)) {
      const reading = state.ready();
      if (reading) reading.then(() => enter(token), done);
      else enter(token);
    } else if (token !== undefined && request.routeOptions.url?.startsWith('/content/')) {
      isNode(authorization).then(() => done(), done);
    } else {
      done(refusal('the request has no session'));
    }
  });
}

function refusal(detail: string) {
  return sluiceError('SessionRequired', { detail });
}
