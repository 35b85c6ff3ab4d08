import { type Block, contentIdOf, type RulesDocument } from '@sluice/protocol';
import { BlockSchema } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import { requireRole } from '../admin/access/require-role.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { idParams } from '../http/param-schemas.ts';
import type { ContentRules } from './content-rules.ts';
import { defaultClasses } from './default-classes.ts';
import { effectiveRuleRoute } from './effective-rule-route.ts';

interface Parts {
  contentRules: ContentRules;
  catalogue: Catalogue;
}

/** `GET /content-policy/blocked` (ours): for devices, which stop sharing what is on it and delete it. */
export function blockListRoutes(app: FastifyInstance, { contentRules }: Parts): void {
  app.get('/content-policy/blocked', () => contentRules.blockList());
}

const rulesBody = {
  type: 'object',
  required: ['Rules'],
  additionalProperties: false,
  properties: { Rules: { type: 'array', maxItems: 200 } },
};

/** Rules and blocks in the admin API (ours); registered where the admin token is asked for. */
export function contentRulesRoutes(app: FastifyInstance, { contentRules, catalogue }: Parts): void {
  effectiveRuleRoute(app, { contentRules, catalogue });

  app.get('/admin/content-policy', { onRequest: requireRole('viewer') }, async () => {
    const { Rules } = await contentRules.view();
    return { Rules, DefaultClasses: defaultClasses };
  });

  app.put<{ Body: Pick<RulesDocument, 'Rules'> }>(
    '/admin/content-policy',
    { schema: { body: rulesBody }, bodyLimit: 1024 ** 2, onRequest: requireRole('operator') },
    async (request) => {
      await contentRules.setRules(request.body.Rules);
      request.log.info({ rules: request.body.Rules.length }, 'content rules changed');
      return { Rules: (await contentRules.view()).Rules };
    },
  );

  app.get('/admin/blocks', { onRequest: requireRole('viewer') }, async () => ({
    Blocks: (await contentRules.view()).Blocked,
    Next: null,
  }));

  app.post<{ Body: Block }>(
    '/admin/blocks',
    { schema: { body: BlockSchema }, onRequest: requireRole('operator') },
    async (request, reply) => {
      const block = await withHash(request.body, catalogue);
      const Id = await contentRules.block(block);
      request.log.warn({ id: Id, ...block }, 'content blocked');
      return reply.code(201).send({ Id });
    },
  );

  app.delete<{ Params: { id: string } }>(
    '/admin/blocks/:id',
    { schema: { params: idParams }, onRequest: requireRole('operator') },
    async (request, reply) => {
      await contentRules.unblock(request.params.id);
      request.log.warn({ id: request.params.id }, 'content unblocked');
      return reply.code(204).send();
    },
  );
}

/** Devices know what they have by its hash, not by the name that a publisher gave it. */
async function withHash(block: Block, catalogue: Catalogue): Promise<Block> {
  const { ContentId, HashOfHashes } = block;
  if (ContentId === undefined) {
    if (HashOfHashes === undefined) return block;
    return { ...block, ContentId: contentIdOf(HashOfHashes) };
  }
  const hash = HashOfHashes ?? (await catalogue.byId(ContentId))?.hashOfHashes;
  return hash === undefined ? block : { ...block, HashOfHashes: hash };
}
