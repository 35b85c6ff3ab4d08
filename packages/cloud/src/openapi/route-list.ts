import type { FastifyInstance, RouteOptions } from 'fastify';

/** A route as it was registered: what the document of the API is made from. */
export type KnownRoute = Pick<RouteOptions, 'method' | 'url' | 'schema'>;

/** Takes note of the routes that are added to `app` and its scopes from now on. It costs nothing but the list. */
export function listRoutes(app: FastifyInstance): readonly KnownRoute[] {
  const routes: KnownRoute[] = [];
  app.addHook('onRoute', ({ method, url, schema }) => {
    // Fastify answers HEAD wherever it answers GET.
    if (method !== 'HEAD') routes.push({ method, url, ...(schema && { schema }) });
  });
  return routes;
}
