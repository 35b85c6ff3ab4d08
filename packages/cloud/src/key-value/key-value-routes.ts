import type { KeyValueReply } from '@sluice/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { deviceIdOf } from '../rollouts/device-id.ts';
import type { Rollouts } from '../rollouts/rollouts.ts';
import type { ServiceUrls } from '../services/service-urls.ts';

export interface KeyValueParts {
  serviceUrls: ServiceUrls;
  rollouts: Rollouts;
}

/** KeyValue (wire.md §3.2): tells a device where the other services are, and what is set for it. */
export function keyValueRoutes(app: FastifyInstance, parts: KeyValueParts): void {
  app.get('/all', (request) => keyValueReply(request, parts));
}

export async function keyValueReply(
  request: FastifyRequest,
  { serviceUrls, rollouts }: KeyValueParts,
): Promise<KeyValueReply> {
  const base = serviceUrls.of('content-policy', request);
  const discovery = serviceUrls.of('discovery', request);
  return {
    ...(await rollouts.forReply(deviceIdOf(request))),
    // Its enrolment put it into the group.
    ...(request.device?.groupId && { DOGroupId: request.device.groupId }),
    ContentPolicy_EndpointUri: base,
    ContentPolicy_EndpointFullUri: `${base}/content/{contentId}/contentpolicy`,
    Discovery_EndpointFullUri: `${discovery}/discovery/content/{contentId}`,
    Sluice_KeySetsUri: `${base}/content-policy/keys`,
    Sluice_BlockListUri: `${base}/content-policy/blocked`,
    Sluice_EventsUri: `${serviceUrls.of('events', request)}/events`,
    Client_RegisteredCallersFilterList: ['.*'],
  };
}
