import type { IncomingMessage } from 'node:http';
import type { Tracer } from '@sluice/protocol';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { ServerCertificate } from '../tls/server-tls.ts';
import { handleClientError } from './client-errors.ts';
import type { Entrance } from './entrance.ts';
import { handleError, handleNotFound } from './error-handling.ts';
import { compileLazily } from './lazy-checks.ts';
import { logRequests } from './request-log.ts';
import { traceRequests } from './trace-requests.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The external address of the caller, canonical. */
    callerIp: string;
  }
}

/** Bytes of a body, unless a route allows more. */
const bodyLimit = 32_768;
/** Bytes of the request line and headers together: an `altCatalogId` of 8192 characters, encoded. */
const maxHeaderSize = 32_768;
/** Until the whole request must be there, ms; enough for a publish over a slow line. */
const requestTimeout = 300_000;

/**
 * The HTTP server without its routes. JSON in (`application/json` or `text/json`), `text/json` out,
 * never cached unless a route says otherwise, strict about types, limited in every size.
 */
export function createApp(options: {
  logger: Logger | undefined;
  entrance: Entrance;
  trustedProxies: string[];
  /** HTTPS in place of HTTP. */
  certificate: ServerCertificate | undefined;
  tracer?: Tracer | undefined;
}): FastifyInstance {
  const http = { maxHeaderSize };
  const { certificate, entrance } = options;
  const app: FastifyInstance = fastify({
    ...(options.logger ? { loggerInstance: options.logger as FastifyBaseLogger } : {}),
    // Its lines hold whole URLs, and so the queries of signed content URLs.
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'requestId',
    }),
    genReqId: (raw: IncomingMessage) => entrance.requestId(raw),
    bodyLimit,
    requestTimeout,
    trustProxy: options.trustedProxies.length > 0 ? options.trustedProxies : false,
    // One type for both: to its routes the server is the same.
    ...((certificate ? { https: { ...http, ...certificate } } : { http }) as { http: typeof http }),
    forceCloseConnections: 'idle',
    frameworkErrors: handleError,
    clientErrorHandler: handleClientError,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 4096 },
    // What has the wrong type is refused, not converted; what is unknown is left alone.
    ajv: {
      customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false },
      onCreate: compileLazily,
    },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ['application/json', 'text/json'],
    { parseAs: 'string' },
    app.getDefaultJsonParser('error', 'error'),
  );
  app.setErrorHandler(handleError);
  app.setNotFoundHandler(handleNotFound);
  app.decorateRequest('callerIp', '');
  logRequests(app, options.logger);
  if (options.tracer) traceRequests(app, options.tracer);
  app.addHook('onRequest', (request, reply, done) => {
    reply.type('text/json; charset=utf-8').header('cache-control', 'no-store');
    request.callerIp = entrance.callerIp(request.raw);
    if (!entrance.isPassedOn(request.raw)) entrance.admit(request.callerIp);
    done();
  });
  return app;
}
