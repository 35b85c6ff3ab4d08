import { randomUUID } from 'node:crypto';
import { canonicalIp, parseTraceparent } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { isUnsafe } from '../admin/access/same-origin.ts';
import { bestMatch, type Cidr } from '../cache-nodes/cidr.ts';
import type { Asking } from './caller-address.ts';

/** What may stand in a line of a log. */
const usable = /^[\w.:-]{1,128}$/;

/**
 * The id of a request: what a trusted proxy calls it in `X-Request-Id`, so that its log and ours tell of the
 * same, else a new one: others could have two requests look like one.
 */
export function requestIdOf(raw: Asking, trusted: readonly Cidr[]): string {
  const given = raw.headers['x-request-id'];
  if (typeof given !== 'string' || !usable.test(given)) return randomUUID();
  const from = canonicalIp(raw.socket.remoteAddress ?? '');
  return from !== undefined && bestMatch(trusted, from) >= 0 ? given : randomUUID();
}

/**
 * A line for each request, at info for what admins change, else at debug, by the pattern of its route: URLs hold
 * secrets. `traceId` is that of the caller's W3C `traceparent`.
 */
export function logRequests(app: FastifyInstance, logger: Logger | undefined): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions, callerIp, headers } = request;
    const route = routeOptions.url;
    const isChange = isUnsafe(method) && route?.startsWith('/admin/');
    const level = isChange ? 'info' : 'debug';
    // Of most requests nothing is written: nothing is made for that.
    if (!logger?.isLevelEnabled(level)) {
      done();
      return;
    }
    const facts = {
      ...{ method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      ...{
        caller: callerIp,
        user: request.admin?.user,
        traceId: parseTraceparent(headers.traceparent)?.traceId,
      },
    };
    request.log[level](facts, 'request');
    done();
  });
}
