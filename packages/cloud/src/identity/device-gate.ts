import { isSluiceError } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import type { CacheNodes } from '../cache-nodes/cache-nodes.ts';
import { authenticated } from '../cache-nodes/node-routes.ts';
import { bearerOf, type DeviceAdmission, refusal } from './device-admission.ts';
import { type DeviceCaller, tokenPrefix } from './session-tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The device that asks; undefined while enrolment is off, and for cache nodes. */
    device: DeviceCaller | undefined;
  }
}

/** Who may use the services for devices. */
export type EnrolmentMode = 'off' | 'required';

/**
 * Asks every request of the scope for a session. Cache nodes, which are registered by their own key, get the hash
 * lists.
 */
export function deviceGate(
  scope: FastifyInstance,
  { admission, cacheNodes }: { admission: DeviceAdmission; cacheNodes: CacheNodes },
): void {
  const isNode = async (authorization: string | undefined): Promise<void> => {
    try {
      await authenticated(cacheNodes, authorization);
    } catch (error) {
      throw isSluiceError(error, 'NotAuthorized') ? refusal('the key is not known') : error;
    }
  };

  // Without a promise where none is needed: thousands of requests a second come by here.
  scope.addHook('onRequest', (request, _reply, done) => {
    const { authorization } = request.headers;
    const token = bearerOf(authorization);
    const enter = () => {
      try {
        request.device = admission.passedOn(request.raw) ?? admission.admit(token);
      } catch (error) {
        done(error as Error);
        return;
      }
      done();
    };
    const isSession = token?.startsWith(tokenPrefix) === true;
    if (token !== undefined && !isSession && request.routeOptions.url?.startsWith('/content/')) {
      isNode(authorization).then(() => done(), done);
      return;
    }
    const reading = admission.ready(token);
    if (reading) reading.then(enter, done);
    else enter();
  });
}
