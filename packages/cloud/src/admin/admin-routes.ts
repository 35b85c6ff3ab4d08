import { type PublishReply, type PublishRequest, sluiceError } from '@sluice/protocol';
import { PublishRequestSchema } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import type { Catalogue, ContentRecord } from '../catalogue/catalogue.ts';
import { piecesHashFileUrl } from '../content-policy/pieces-hash-file-routes.ts';
import type { HashLog } from '../hash-log/hash-log.ts';
import { baseUrl } from '../http/base-url.ts';
import { contentIdParams, printableText } from '../http/param-schemas.ts';
import type { Identity } from '../identity/identity.ts';
import type { DeviceSettings } from '../settings/device-settings.ts';
import { settingsRoutes } from '../settings/settings-routes.ts';
import { requireRole } from './access/require-role.ts';
import { publicationOf, statementsOf } from './publication.ts';

/** Bytes: a hash list of the largest size. */
const publishLimit = 67_108_864;
const maxPage = 500;
const defaultPage = 100;

interface ListRoute {
  Querystring: { limit?: string; after?: string };
}

const listQuery = {
  type: 'object',
  properties: {
    limit: { type: 'string', pattern: '^[1-9][0-9]{0,2}$' },
    after: printableText(1024),
  },
};

/** The admin API (ours): publish, list and remove contents, and set what devices do. Registered in the admin scope. */
export function adminRoutes(
  app: FastifyInstance,
  options: {
    catalogue: Catalogue;
    settings: DeviceSettings;
    hashLog: HashLog;
    identity: Identity;
    listenUrl: () => string;
  },
): void {
  const { catalogue, listenUrl, identity } = options;
  settingsRoutes(app, options.settings);

  app.post<{ Body: PublishRequest }>(
    '/admin/content',
    {
      schema: { body: PublishRequestSchema },
      bodyLimit: publishLimit,
      onRequest: requireRole('operator'),
    },
    async (request, reply): Promise<PublishReply> => {
      const publication = publicationOf(request.body);
      const { contentId, hashOfHashes } = publication;
      await options.hashLog.append(statementsOf(publication, request.body.ETag));
      request.auditFacts = { ContentId: contentId, HashOfHashes: hashOfHashes };
      // First, so that no device of another tenant gets it in between.
      await identity.contentTenants.publish(contentId, request.body.Tenant);
      const { created, urls, moved } = await catalogue.publish(publication);
      request.log.info({ contentId, hashOfHashes, created, moved: moved.length }, 'published');
      if (created) reply.code(201);
      return {
        ContentId: contentId,
        HashOfHashes: hashOfHashes,
        Created: created,
        Urls: urls,
        MovedUrls: moved.map((m) => ({ Url: m.url, FromContentId: m.fromContentId })),
        PiecesHashFileUrl: piecesHashFileUrl(baseUrl(request, listenUrl()), contentId),
      };
    },
  );

  app.get<ListRoute>(
    '/admin/content',
    { schema: { querystring: listQuery }, onRequest: requireRole('viewer') },
    async (request) => {
      const limit = Math.min(maxPage, Number(request.query.limit ?? defaultPage));
      const found = await catalogue.list({ after: request.query.after, limit });
      // A full page may have more behind it; `Next` is what to give as `after`.
      const next = found.length === limit ? found.at(-1)!.contentId : null;
      return { Contents: found.map(contentEntry), Next: next };
    },
  );

  app.get<{ Params: { contentId: string } }>(
    '/admin/content/:contentId',
    { schema: { params: contentIdParams }, onRequest: requireRole('viewer') },
    async (request) => {
      const content = await catalogue.byId(request.params.contentId);
      if (!content) throw sluiceError('ContentUnknown', { content: request.params.contentId });
      const { contentId } = content;
      return { ...contentEntry(content), Tenants: await identity.contentTenants.of(contentId) };
    },
  );

  app.delete<{ Params: { contentId: string } }>(
    '/admin/content/:contentId',
    { schema: { params: contentIdParams }, onRequest: requireRole('operator') },
    async (request, reply) => {
      const { contentId } = request.params;
      if (!(await catalogue.remove(contentId))) {
        throw sluiceError('ContentUnknown', { content: contentId });
      }
      await identity.contentTenants.remove(contentId);
      request.log.info({ contentId }, 'removed');
      return reply.code(204).send();
    },
  );
}

function contentEntry(content: ContentRecord) {
  return {
    ContentId: content.contentId,
    HashOfHashes: content.hashOfHashes,
    ContentLength: content.contentLength,
    PieceSize: content.pieceSize,
    Urls: content.urls,
    Policies: content.policies,
  };
}
