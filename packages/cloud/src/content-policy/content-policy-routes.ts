import { type ContentPolicies, type ContentPolicyReply, sluiceError } from '@sluice/protocol';
import { defaultSettings } from '@sluice/protocol/policy';
import { maxContentUrlLength, maxPolicyPhf } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import type { Catalogue, ContentRecord } from '../catalogue/catalogue.ts';
import { contentUrl } from '../catalogue/content-url.ts';
import type { ContentRules } from '../content-rules/content-rules.ts';
import { type ArrayParts, arrayUrlsOf } from '../discovery/array-urls.ts';
import { baseUrl } from '../http/base-url.ts';
import { contentIdParams, printableText } from '../http/param-schemas.ts';
import type { Identity } from '../identity/identity.ts';
import type { AskedContent, Ingestion } from '../ingest/ingestion.ts';
import { siteOf } from '../registry/site.ts';
import type { ServiceName } from '../services/service-names.ts';
import { piecesHashFileUrl } from './pieces-hash-file-routes.ts';

/**
 * What holds where the publisher set nothing: the values of Delivery Optimization (wire.md §3.3), but of the age:
 * its day would cut short what devices promise by DOMaxCacheAge, for a publisher who has said nothing.
 */
const defaultPolicies: ContentPolicies = {
  ForegroundQosBps: 6_710_886,
  BackgroundQosBps: 2_621_440,
  MaxCacheAgeSecs: defaultSettings.DOMaxCacheAge,
  ExpireAtSecsSinceEpoch: null,
  DownloadToExpire: 86_400,
};

interface Route {
  Params: { contentId: string };
  Querystring: AskedContent & { callerName?: string };
}

const querystring = {
  type: 'object',
  properties: {
    altCatalogId: printableText(maxContentUrlLength),
    sha256: { type: 'string', pattern: '^[0-9a-fA-F]{64}$' },
    callerName: printableText(200),
    integrity: printableText(512),
  },
};

/**
 * Content policy (wire.md §3.3): the trusted hash of a content and what its publisher allows. Looked
 * up by ContentId, else by URL (`altCatalogId`); a device that has no id leaves its place in the path
 * empty. 404 for a content nobody published; the cloud may take it in then, for those who ask later.
 */
export function contentPolicyRoutes(
  app: FastifyInstance,
  parts: ArrayParts & {
    /** Those that run here. */
    services: readonly ServiceName[];
    catalogue: Catalogue;
    contentRules: ContentRules;
    identity: Identity;
    ingestion: Ingestion | undefined;
    listenUrl: () => string;
  },
): void {
  const { catalogue, contentRules, identity, ingestion, listenUrl } = parts;
  const isDiscovery = parts.services.includes('discovery');
  app.get<Route>(
    '/content/:contentId/contentpolicy',
    { schema: { params: contentIdParams, querystring } },
    async (request): Promise<ContentPolicyReply> => {
      const { contentId } = request.params;
      const { altCatalogId } = request.query;
      const found = await lookUp(catalogue, contentId, altCatalogId);
      const asked = {
        contentId: found?.contentId ?? contentId,
        url: contentUrl(altCatalogId ?? ''),
        hashOfHashes: found?.hashOfHashes,
        caller: request.query.callerName,
      };
      await contentRules.refuseBlocked(asked);
      if (altCatalogId !== undefined) {
        void ingestion?.asked(altCatalogId, siteOf(request.callerIp), found !== undefined);
      }
      // To somebody who knows another digest this content is not the one.
      if (!found || !((await ingestion?.isMeant(request.query, found.contentId)) ?? true)) {
        const content = (contentId || altCatalogId || 'no id').slice(0, 200);
        throw sluiceError('ContentUnknown', { content });
      }
      await identity.contentTenants.check(found.contentId, request.device);
      const hashList = await shortHashList(catalogue, found);
      const { allow, rule, policies, rank } = await contentRules.decide(asked);
      const [array] = isDiscovery ? await arrayUrlsOf(found.contentId, '', request, parts) : [];
      return {
        ContentId: found.contentId,
        HashOfHashes: found.hashOfHashes,
        PiecesHashFileCdnUrls: [piecesHashFileUrl(baseUrl(request, listenUrl()), found.contentId)],
        ContentCdnUrls: found.urls.length > 0 ? found.urls : null,
        IsSecure: false,
        IsInternal: false,
        Policies: { ...defaultPolicies, ...found.policies, ...policies },
        Rank: rank,
        ...(found.signature && { Signature: found.signature }),
        ...(allow && { Allow: allow }),
        ...(rule !== undefined && { Rule: rule }),
        ...(hashList !== undefined && { PiecesHashFile: hashList }),
        ...(array !== undefined && { CollectiveArray: array }),
      };
    },
  );
}

/** Bytes of a hash list without pieces, and for each of them, at the most. */
const bytesWithout = 256;
const bytesAPiece = 48;

async function shortHashList(
  catalogue: Catalogue,
  { contentId, contentLength, pieceSize, hashOfHashes }: ContentRecord,
): Promise<string | undefined> {
  const pieces = Math.ceil(contentLength / pieceSize);
  if (bytesWithout + pieces * bytesAPiece > maxPolicyPhf) return undefined;
  const found = await catalogue.piecesHashFile(contentId);
  // Replaced since, or removed.
  if (found?.hashOfHashes !== hashOfHashes) return undefined;
  return Buffer.from(found.phf).toString();
}

async function lookUp(
  catalogue: Catalogue,
  contentId: string,
  altCatalogId: string | undefined,
): Promise<ContentRecord | undefined> {
  const found = contentId ? await catalogue.byId(contentId) : undefined;
  if (found || altCatalogId === undefined) return found;
  const url = contentUrl(altCatalogId);
  return url === undefined ? undefined : catalogue.byUrl(url);
}
