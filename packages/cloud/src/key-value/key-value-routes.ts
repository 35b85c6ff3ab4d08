import type { KeyValueReply } from '@sluice/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { baseUrl } from '../http/base-url.ts';
import type { DeviceSettings } from '../settings/device-settings.ts';

export interface KeyValueParts {
  listenUrl: () => string;
  settings: DeviceSettings;
}

/** KeyValue (wire.md §3.2): tells a device where the other services are, and what is set for it. */
export function keyValueRoutes(app: FastifyInstance, parts: KeyValueParts): void {
  app.get('/all', (request) => keyValueReply(request, parts));
}

export async function keyValueReply(
  request: FastifyRequest,
  { listenUrl, settings }: KeyValueParts,
): Promise<KeyValueReply> {
  const base = baseUrl(request, listenUrl());
  return {
    ...(await settings.forReply()),
    ContentPolicy_EndpointUri: base,
    ContentPolicy_EndpointFullUri: `${base}/content/{contentId}/contentpolicy`,
    Discovery_EndpointFullUri: `${base}/discovery/content/{contentId}`,
    Sluice_EventsUri: `${base}/events`,
    Client_RegisteredCallersFilterList: ['.*'],
  };
}
