import type { DiscoveryReply } from '@sluice/protocol';
import { maxContentUrlLength } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import { contentUrl } from '../catalogue/content-url.ts';
import { contentIdParams, printableText } from '../http/param-schemas.ts';
import { type ArrayParts, arrayUrlsOf } from './array-urls.ts';

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

/** Discovery (wire.md §3.4): sends a device to the array instance of a content. */
export function discoveryRoutes(app: FastifyInstance, parts: ArrayParts): void {
  // A content that is known by its URL only leaves the id empty.
  for (const [path, params] of [
    ['/discovery/content/:contentId', contentIdParams],
    ['/discovery/content', undefined],
  ] as const) {
    const schema = { querystring, ...(params && { params }) };
    app.get<Route>(path, { schema }, async (request): Promise<DiscoveryReply> => {
      const { altCatalogId = '', groupId = '' } = request.query;
      const content = request.params.contentId || contentUrl(altCatalogId) || '';
      const urls = await arrayUrlsOf(content, groupId, request, parts);
      return urls.map((url) => ({ CollectiveArray: url }));
    });
  }
}
