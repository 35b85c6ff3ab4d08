import type { DiscoveryReply } from '@sluice/protocol';
import { maxContentUrlLength } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import { contentUrl } from '../catalogue/content-url.ts';
import { contentIdParams, printableText } from '../http/param-schemas.ts';
import type { ServiceUrls } from '../services/service-urls.ts';
import type { ArrayInstances } from './array-instances.ts';
import { instancesFor } from './rendezvous.ts';

/** Instances that a device is told: the best, and those to go to when it is gone. */
const maxTold = 3;

interface Route {
  Params: { contentId?: string };
  Querystring: { altCatalogId?: string; groupId?: string };
}

const querystring = {
  type: 'object',
  properties: {
    altCatalogId: printableText(maxContentUrlLength),
    groupId: printableText(256),
  },
};

/**
 * Discovery (wire.md §3.4): sends a device to the array instance of a content. All devices of a content (and group, if
 * they name one) come to the same one, as long as there are the same instances: those that were given, else those that
 * have registered in the database, else the one array of this cloud.
 */
export function discoveryRoutes(
  app: FastifyInstance,
  parts: {
    serviceUrls: ServiceUrls;
    /** Base URLs, without a slash at the end. */
    arrayInstances: readonly string[];
    instances: ArrayInstances;
  },
): void {
  const { serviceUrls, arrayInstances, instances } = parts;
  const discover = async (key: string, base: string): Promise<DiscoveryReply> => {
    const all = arrayInstances.length > 0 ? arrayInstances : await instances.live();
    const found = all.length > 0 ? instancesFor(key, all).slice(0, maxTold) : [base];
    return found.map((url) => ({ CollectiveArray: `${url}/array/` }));
  };
  // A content that is known by its URL only leaves the id empty.
  for (const [path, params] of [
    ['/discovery/content/:contentId', contentIdParams],
    ['/discovery/content', undefined],
  ] as const) {
    const schema = { querystring, ...(params && { params }) };
    app.get<Route>(path, { schema }, (request) => {
      const { altCatalogId = '', groupId = '' } = request.query;
      const id = request.params.contentId || contentUrl(altCatalogId) || '';
      return discover(
        JSON.stringify([id, groupId.toLowerCase()]),
        serviceUrls.of('array', request),
      );
    });
  }
}
