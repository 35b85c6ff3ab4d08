import type { FastifyInstance } from 'fastify';
import { requireRole } from '../admin/access/require-role.ts';
import type { HashLog } from './hash-log.ts';

const maxPage = 1_000;
const querystring = {
  type: 'object',
  properties: {
    limit: { type: 'string', pattern: '^[1-9][0-9]{0,3}$' },
    after: { type: 'string', pattern: '^[0-9]{1,15}$' },
    order: { enum: ['newest', 'oldest'] },
  },
};

/** The log of hash lists of the admin API (ours); registered where the admin token is asked for. */
export function hashLogRoutes(app: FastifyInstance, { hashLog }: { hashLog: HashLog }): void {
  app.get<{ Querystring: { limit?: string; after?: string; order?: 'newest' | 'oldest' } }>(
    '/admin/hash-log',
    { schema: { querystring }, onRequest: requireRole('viewer') },
    async (request) => {
      const { after, order } = request.query;
      const limit = Math.min(maxPage, Number(request.query.limit ?? maxPage));
      const entries = await hashLog.list({
        after: after === undefined ? undefined : Number(after),
        limit,
        newestFirst: order === 'newest',
      });
      const next = entries.length === limit ? entries.at(-1)!.Seq : null;
      return { Entries: entries, Next: next };
    },
  );
}
