import type { FastifyInstance } from 'fastify';
import { requireRole } from '../admin/access/require-role.ts';
import { openApiDocument } from './openapi-document.ts';
import type { KnownRoute } from './route-list.ts';

/** `GET /openapi.json` (ours): what this very process answers, and what it takes; in the admin scope. */
export function openApiRoutes(app: FastifyInstance, routes: readonly KnownRoute[]): void {
  let made: Promise<object> | undefined;
  app.get('/openapi.json', { onRequest: requireRole('viewer', 'tenant') }, async () => {
    made ??= openApiDocument(routes).catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  });
}
