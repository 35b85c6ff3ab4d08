import type { EffectiveContentRule } from '@sluice/protocol';
import { maxContentUrlLength } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import { requireRole } from '../admin/access/require-role.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { contentUrl } from '../catalogue/content-url.ts';
import { printableText } from '../http/param-schemas.ts';
import type { ContentRules } from './content-rules.ts';

const querystring = {
  type: 'object',
  required: ['url'],
  properties: { url: printableText(maxContentUrlLength), caller: printableText(200) },
};

/** `GET /admin/content-policy/effective` (ours): what holds when this caller asks for this URL, and by which rule. */
export function effectiveRuleRoute(
  app: FastifyInstance,
  { contentRules, catalogue }: { contentRules: ContentRules; catalogue: Catalogue },
): void {
  app.get<{ Querystring: { url: string; caller?: string } }>(
    '/admin/content-policy/effective',
    { schema: { querystring }, onRequest: requireRole('viewer') },
    async (request): Promise<EffectiveContentRule> => {
      const { caller } = request.query;
      const url = contentUrl(request.query.url);
      const content = url === undefined ? undefined : await catalogue.byUrl(url);
      const { contentId, hashOfHashes } = content ?? {};
      const asked = { url, caller, contentId, hashOfHashes };
      const { allow, rule, policies } = await contentRules.decide(asked);
      const block = await contentRules.blockOf(() => asked);
      return {
        ContentId: contentId ?? null,
        Block: block ?? null,
        Rule: rule ?? null,
        Allow: allow ?? null,
        Policies: policies,
      };
    },
  );
}
