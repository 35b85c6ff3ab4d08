import type { DiscoveryReply } from '@sluice/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { baseUrl } from '../http/base-url.ts';

/** Discovery (wire.md §3.4): sends a device to the array instance of a content. Here there is one. */
export function discoveryRoutes(
  app: FastifyInstance,
  { listenUrl }: { listenUrl: () => string },
): void {
  const discover = async (request: FastifyRequest): Promise<DiscoveryReply> => [
    { CollectiveArray: `${baseUrl(request, listenUrl())}/array/` },
  ];
  app.get('/discovery/content/:contentId', discover);
  // A content that is known by its URL only leaves the id empty.
  app.get('/discovery/content', discover);
}
