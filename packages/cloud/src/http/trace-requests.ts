import { parseTraceparent, type Span, type Tracer } from '@sluice/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * A span for each request that comes with a trace which its caller records. Nobody else's are: a fleet that joins
 * is no trace. By the pattern of the route, never the URL.
 */
export function traceRequests(app: FastifyInstance, tracer: Tracer): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  app.addHook('onRequest', (request, _reply, done) => {
    const parent = parseTraceparent(request.headers.traceparent);
    const name = `${request.method} ${request.routeOptions.url ?? ''}`;
    if (parent?.sampled) spans.set(request, tracer.begin(name, 'server', parent));
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { statusCode: status } = reply;
    const span = spans.get(request);
    span?.set('http.response.status_code', status);
    span?.end(status >= 500 ? `status ${status}` : undefined);
    done();
  });
  app.addHook('onClose', () => tracer.flush());
}
