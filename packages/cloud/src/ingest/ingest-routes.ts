import { type IngestLimits, type IngestState, sluiceError } from '@sluice/protocol';
import { maxContentUrlLength } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import { requireRole } from '../admin/access/require-role.ts';
import { idParams } from '../http/param-schemas.ts';
import type { Ingestion } from './ingestion.ts';

const maxPage = 500;
const querystring = {
  type: 'object',
  properties: {
    limit: { type: 'string', pattern: '^[1-9][0-9]{0,2}$' },
    after: { type: 'string', pattern: '^[0-9a-f]{32}$' },
    state: { enum: ['Waiting', 'Running', 'Done', 'Failed'] },
  },
};
const body = {
  type: 'object',
  required: ['Urls'],
  additionalProperties: false,
  properties: {
    Urls: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      items: { type: 'string', maxLength: maxContentUrlLength },
    },
  },
};

type ById = { Params: { id: string } };

/** What the cloud takes in by itself, in the admin API (ours); registered where the admin token is asked for. */
export function ingestRoutes(
  app: FastifyInstance,
  { ingestion }: { ingestion: Ingestion | undefined },
): void {
  const on = (): Ingestion => {
    if (ingestion) return ingestion;
    const detail = 'the cloud was started without --ingest-allow';
    throw sluiceError('RequestInvalid', { detail });
  };

  app.get<{ Querystring: { limit?: string; after?: string; state?: IngestState } }>(
    '/admin/ingest',
    { schema: { querystring }, onRequest: requireRole('viewer') },
    async (request) => {
      const { after = '', state } = request.query;
      const limit = Math.min(maxPage, Number(request.query.limit ?? 100));
      const jobs = await on().jobs.list({ after, limit, state });
      return { Jobs: jobs, Next: jobs.length === limit ? jobs.at(-1)!.Id : null };
    },
  );

  app.get(
    '/admin/ingest/limits',
    { onRequest: requireRole('viewer') },
    async (): Promise<IngestLimits> => ingestion?.limits ?? { Allow: [], Rate: 0, MaxLength: 0 },
  );

  app.post<{ Body: { Urls: string[] } }>(
    '/admin/ingest',
    { schema: { body }, bodyLimit: 2 * 1024 ** 2, onRequest: requireRole('operator') },
    async (request, reply) => {
      await on().add(request.body.Urls);
      return reply.code(202).send({});
    },
  );

  app.post<ById>(
    '/admin/ingest/:id/retry',
    { schema: { params: idParams }, onRequest: requireRole('operator') },
    async (request) => {
      await on().retry(request.params.id);
      return {};
    },
  );

  app.delete<ById>(
    '/admin/ingest/:id',
    { schema: { params: idParams }, onRequest: requireRole('operator') },
    async (request, reply) => {
      await on().jobs.remove(request.params.id);
      return reply.code(204).send();
    },
  );
}
