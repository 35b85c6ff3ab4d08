import type { KeyValueReply } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import { baseUrl } from '../http/base-url.ts';
import type { DeviceSettings } from '../settings/device-settings.ts';

/** KeyValue (wire.md §3.2): tells a device where the other services are, and what is set for it. */
export function keyValueRoutes(
  app: FastifyInstance,
  { listenUrl, settings }: { listenUrl: () => string; settings: DeviceSettings },
): void {
  app.get('/all', async (request): Promise<KeyValueReply> => {
    const base = baseUrl(request, listenUrl());
    return {
      ...(await settings.forReply()),
      ContentPolicy_EndpointUri: base,
      ContentPolicy_EndpointFullUri: `${base}/content/{contentId}/contentpolicy`,
      Discovery_EndpointFullUri: `${base}/discovery/content/{contentId}`,
      Client_RegisteredCallersFilterList: ['.*'],
    };
  });
}
