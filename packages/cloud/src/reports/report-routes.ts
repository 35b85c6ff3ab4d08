import { Readable } from 'node:stream';
import { sluiceError } from '@sluice/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { adminOf, defaultTenant } from '../admin/access/caller.ts';
import { requireRole } from '../admin/access/require-role.ts';
import type { EventStore } from '../events/event-store.ts';
import { dayMs } from '../events/facts.ts';
import { nameParams, printableText } from '../http/param-schemas.ts';
import { asCsv, asJson, dayText, type Heading } from './formats.ts';
import { asParquet } from './parquet.ts';
import { type OpenReport, type ReportQuery, reports, usualLimit } from './reports.ts';

/** Days of Microsoft's reports. */
const windowDays = 28;
/** Rows of a page at the most; of a file. */
const maxLimit = 10_000;
const maxFileRows = 1_000_000;
/** Days of one report at the most: more than is kept. */
const maxDays = 3_660;

interface Query {
  from?: string;
  to?: string;
  tenant?: string;
  format?: 'json' | 'csv' | 'parquet';
  limit?: string;
  after?: string;
  by?: string;
  content?: string;
  device?: string;
  sourceBps?: string;
}
interface ReportRoute {
  Params: { name: string };
  Querystring: Query;
}

const day = { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' };
const text = { ...printableText(256), minLength: 1 };
const querystring = {
  type: 'object',
  additionalProperties: false,
  properties: {
    from: day,
    to: day,
    tenant: text,
    format: { enum: ['json', 'csv', 'parquet'] },
    limit: { type: 'string', pattern: '^[1-9][0-9]{0,6}$' },
    after: text,
    by: text,
    content: text,
    device: text,
    sourceBps: { type: 'string', pattern: '^[1-9][0-9]{0,14}$' },
  },
};

/** `GET /admin/reports` and `GET /admin/reports/<name>` (docs/reports.md); in the admin scope. */
export function reportRoutes(
  app: FastifyInstance,
  { events, wallTime }: { events: EventStore; wallTime: () => number },
): void {
  const onRequest = requireRole('viewer', 'tenant');
  app.get('/admin/reports', { onRequest }, async () => ({
    Reports: Object.keys(reports).map((Name) => ({ Name })),
  }));

  app.get<ReportRoute>(
    '/admin/reports/:name',
    { schema: { params: nameParams, querystring }, onRequest },
    async (request, reply) => {
      const { name } = request.params;
      if (!Object.hasOwn(reports, name)) throw sluiceError('NoSuchResource');
      const query = queryOf(request, Math.round(wallTime()));
      const open = await begun(reports[name]!(events.db, query));
      return reply.send(bodyOf(name, query, open, request.query.format ?? 'json', reply));
    },
  );
}

function bodyOf(
  name: string,
  query: ReportQuery,
  open: OpenReport,
  format: NonNullable<Query['format']>,
  reply: FastifyReply,
): Readable {
  const [from, to] = [dayText(query.from), dayText(query.to)];
  if (format !== 'json') {
    reply
      .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/vnd.apache.parquet')
      .header('content-disposition', `attachment; filename="${name}-${to}.${format}"`);
    return Readable.from(format === 'csv' ? asCsv(open) : asParquet(open));
  }
  const heading: Heading = {
    ...{ Report: name, Tenant: query.tenant, From: from, To: to },
    TimeGenerated: new Date(query.now).toISOString(),
  };
  return Readable.from(asJson(heading, open));
}

/** Reads the first row ahead, so that what fails at once is an answer and no broken file. */
async function begun({ columns, rows }: OpenReport): Promise<OpenReport> {
  const first = await rows.next();
  async function* again(): OpenReport['rows'] {
    if (first.done) return first.value;
    yield first.value;
    return yield* rows;
  }
  return { columns, rows: again() };
}

/** @throws RequestInvalid */
function queryOf(request: FastifyRequest<ReportRoute>, now: number): ReportQuery {
  const { query } = request;
  const to = query.to === undefined ? Math.floor(now / dayMs) : dayOf(query.to);
  const from = query.from === undefined ? to - windowDays + 1 : dayOf(query.from);
  if (from > to || to - from >= maxDays) {
    const detail = `from must not be after to, nor more than ${maxDays} days before`;
    throw sluiceError('RequestInvalid', { detail });
  }
  const isFile = query.format === 'csv' || query.format === 'parquet';
  const [usual, most] = isFile
    ? [maxFileRows, maxFileRows]
    : [usualLimit(request.params.name), maxLimit];
  return {
    tenant: tenantOf(request),
    ...{ from, to, now },
    limit: Math.min(most, Number(query.limit ?? usual)),
    after: query.after,
    by: query.by,
    content: query.content,
    device: query.device,
    sourceRate: query.sourceBps === undefined ? undefined : Number(query.sourceBps),
  };
}

/** Admins of one tenant see that one only; those of the tenant `default` any. @throws TenantTooSmall */
function tenantOf(request: FastifyRequest<ReportRoute>): string {
  const { tenant: own } = adminOf(request);
  const asked = request.query.tenant ?? own;
  if (asked !== own && own !== defaultTenant) throw sluiceError('TenantTooSmall');
  return asked;
}

function dayOf(text: string): number {
  const time = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(time)) {
    throw sluiceError('RequestInvalid', { detail: `${text} is no day` });
  }
  return time / dayMs;
}
