import { canonicalIp, sluiceError } from '@sluice/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** The external address of the caller, canonical. */
    callerIp: string;
  }
}

/**
 * Gives every request its `callerIp`: that of its connection, or behind proxies that are trusted what
 * the last of them saw. Other forwarding headers are not believed, anyone can write them.
 */
export function tellCallers(app: FastifyInstance): void {
  app.decorateRequest('callerIp', '');
  app.addHook('onRequest', (request, _reply, done) => {
    request.callerIp = callerAddress(request);
    done();
  });
}

/** @throws RequestInvalid when the connection is gone, or a trusted proxy writes nonsense */
function callerAddress(request: FastifyRequest): string {
  const remote = request.ip ?? '';
  const zone = remote.indexOf('%');
  const ip = canonicalIp(zone < 0 ? remote : remote.slice(0, zone));
  if (ip === undefined)
    throw sluiceError('RequestInvalid', { detail: 'the caller has no address' });
  return ip;
}
