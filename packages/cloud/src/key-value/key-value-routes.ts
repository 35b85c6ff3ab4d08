import type { KeyValueReply } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import { baseUrl } from '../http/base-url.ts';

/** KeyValue (wire.md §3.2): tells a device where the other services are. */
export function keyValueRoutes(
  app: FastifyInstance,
  { listenUrl }: { listenUrl: () => string },
): void {
  app.get('/all', async (request): Promise<KeyValueReply> => {
    const base = baseUrl(request, listenUrl());
    return {
      ContentPolicy_EndpointUri: base,
      ContentPolicy_EndpointFullUri: `${base}/content/{contentId}/contentpolicy`,
      Discovery_EndpointFullUri: `${base}/discovery/content/{contentId}`,
      Client_RegisteredCallersFilterList: ['.*'],
    };
  });
}
