import { ErrorReplySchema } from '@sluice/protocol/schemas';
import { fastify } from 'fastify';
import type { KnownRoute } from './route-list.ts';

/** Which routes ask for an admin: those for logging in do not. */
const ofAdmins = /^\/(?:admin(?!\/login)|openapi\.json)/;

/**
 * The OpenAPI document of these routes. It is made on a server of its own that never listens, and what it needs
 * is loaded only then: a cloud that nobody asks for it does not pay for it.
 */
export async function openApiDocument(routes: readonly KnownRoute[]): Promise<object> {
  const { fastifySwagger } = await import('@fastify/swagger');
  const app = fastify();
  // Nobody asks this server anything.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Sluice cloud', version: '1' },
      components: { securitySchemes: { admin: { type: 'http', scheme: 'bearer' } } },
    },
  });
  for (const { method, url, schema } of routes) {
    app.route({
      ...{ method, url },
      exposeHeadRoute: false,
      schema: {
        ...(schema as object),
        tags: [url.split('/')[1] ?? ''],
        consumes: ['application/json', 'text/json'],
        ...(ofAdmins.test(url) && { security: [{ admin: [] }] }),
        response: {
          '2xx': { description: 'Done' },
          default: { description: 'Refused', ...ErrorReplySchema },
        },
      },
      handler: async () => ({}),
    });
  }
  try {
    await app.ready();
    return app.swagger();
  } finally {
    await app.close();
  }
}
