import { contentIdOf, sluiceError } from '@sluice/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { ContentRules } from '../content-rules/content-rules.ts';
import { contentIdParams } from '../http/param-schemas.ts';
import type { Identity } from '../identity/identity.ts';

/** Where the hash list of a content is served. @param base as `baseUrl` gives it. */
export function piecesHashFileUrl(base: string, contentId: string): string {
  return `${base}/content/${encodeURIComponent(contentId)}/pieceshash`;
}

/**
 * Serves the stored hash lists. An id that follows from the hash always names the same bytes: such an
 * answer may be kept forever. Under an id that the publisher chose the list may change: ask again.
 */
export function piecesHashFileRoutes(
  app: FastifyInstance,
  {
    catalogue,
    contentRules,
    identity,
  }: { catalogue: Catalogue; contentRules: ContentRules; identity: Identity },
): void {
  app.get<{ Params: { contentId: string } }>(
    '/content/:contentId/pieceshash',
    { schema: { params: contentIdParams } },
    async (request, reply): Promise<FastifyReply> => {
      const { contentId } = request.params;
      const found = await catalogue.piecesHashFile(contentId);
      if (!found) throw sluiceError('ContentUnknown', { content: contentId });
      await identity.contentTenants.check(contentId, request.device);
      await contentRules.refuseBlocked({ contentId, hashOfHashes: found.hashOfHashes });
      const etag = `"${found.hashOfHashes}"`;
      // Where only devices of this cloud get it no cache on the way may give it to others.
      const shared = request.headers.authorization === undefined ? 'public' : 'private';
      const forever = contentId === contentIdOf(found.hashOfHashes);
      reply
        .header('etag', etag)
        .header('cache-control', forever ? `${shared}, max-age=31536000, immutable` : 'no-cache');
      if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();
      return reply.send(found.phf);
    },
  );
}

/** Whether `If-None-Match` names the entity tag (RFC 9110 §13.1.2, weak comparison). */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
}
