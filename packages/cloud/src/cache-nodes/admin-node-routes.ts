import { type CacheNodeSettings, sluiceError } from '@sluice/protocol';
import { maxJobUrls } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import { requireRole } from '../admin/access/require-role.ts';
import { idText, nameParams, paramsOf } from '../http/param-schemas.ts';
import type { CacheNodes } from './cache-nodes.ts';
import { parseCidr } from './cidr.ts';
import type { PreheatJobs } from './preheat-jobs.ts';

const name = { type: 'string', pattern: '^[A-Za-z0-9_-]{1,90}$' };
const settings = {
  Cidrs: { type: 'array', items: { type: 'string', maxLength: 64 }, maxItems: 1024 },
  MaxAllowableEgressInMbps: { type: ['integer', 'null'], minimum: 1, maximum: 1_000_000 },
  IsEnabled: { type: 'boolean' },
  Drives: {
    type: 'array',
    maxItems: 9,
    items: {
      type: 'object',
      required: ['Path', 'SizeInGb'],
      additionalProperties: false,
      properties: {
        Path: { type: 'string', pattern: '^[^\\u0000-\\u001f\\u007f,]{1,1024}$' },
        SizeInGb: { type: 'integer', minimum: 1, maximum: 1_000_000 },
      },
    },
  },
};
const createBody = {
  type: 'object',
  required: ['Name'],
  additionalProperties: false,
  properties: { Name: name, ...settings },
};
const changeBody = { type: 'object', additionalProperties: false, properties: settings };
const url = { type: 'string', pattern: '^[hH][tT][tT][pP][sS]?://', maxLength: 8192 };
const jobBody = {
  type: 'object',
  required: ['Urls'],
  additionalProperties: false,
  properties: {
    Urls: { type: 'array', items: url, minItems: 1, maxItems: maxJobUrls },
    Rate: { type: ['integer', 'null'], minimum: 1024 },
    At: { type: 'string', maxLength: 64 },
    EverySeconds: { type: ['integer', 'null'], minimum: 60, maximum: 31_536_000 },
  },
};
/** Bytes of a job: a thousand URLs. */
const bodyLimit = 16 * 1024 * 1024;

type ByName = { Params: { name: string } };
interface JobBody {
  Urls: string[];
  Rate?: number | null;
  At?: string;
  EverySeconds?: number | null;
}

/** The admin API of cache nodes (ours); registered in the admin scope. */
export function adminNodeRoutes(
  app: FastifyInstance,
  parts: { cacheNodes: CacheNodes; preheatJobs: PreheatJobs; wallTime: () => number },
): void {
  const { cacheNodes, preheatJobs, wallTime } = parts;
  const viewer = { onRequest: requireRole('viewer') };
  const operator = { onRequest: requireRole('operator') };
  const ofNode = { schema: { params: nameParams } };
  app.get('/admin/cache-nodes', viewer, async () => ({ CacheNodes: await cacheNodes.list() }));

  app.post<{ Body: { Name: string } & Partial<CacheNodeSettings> }>(
    '/admin/cache-nodes',
    { schema: { body: createBody }, ...operator },
    async (request, reply) => {
      request.auditFacts = request.body;
      const { Name, ...given } = request.body;
      const key = await cacheNodes.create(Name, { ...defaults, ...checked(given) });
      request.log.info({ name: Name }, 'cache node created');
      return reply.code(201).send({ ...(await cacheNodes.view(Name)), RegistrationKey: key });
    },
  );

  app.get<ByName>('/admin/cache-nodes/:name', { ...ofNode, ...viewer }, (request) =>
    cacheNodes.view(request.params.name),
  );

  app.patch<ByName & { Body: Partial<CacheNodeSettings> }>(
    '/admin/cache-nodes/:name',
    { schema: { params: nameParams, body: changeBody }, ...operator },
    (request) => {
      request.auditFacts = request.body;
      return cacheNodes.change(request.params.name, checked(request.body));
    },
  );

  app.delete<ByName>(
    '/admin/cache-nodes/:name',
    { ...ofNode, ...operator },
    async (request, reply) => {
      await cacheNodes.remove(request.params.name);
      request.log.info({ name: request.params.name }, 'cache node removed');
      return reply.code(204).send();
    },
  );

  app.post<ByName>(
    '/admin/cache-nodes/:name/registration-key',
    { ...ofNode, ...operator },
    async (request) => ({
      RegistrationKey: await cacheNodes.renewKey(request.params.name),
    }),
  );

  app.get<ByName>('/admin/cache-nodes/:name/preheat', { ...ofNode, ...viewer }, async (request) => {
    await cacheNodes.view(request.params.name);
    return { Jobs: await preheatJobs.list(request.params.name) };
  });

  app.post<ByName & { Body: JobBody }>(
    '/admin/cache-nodes/:name/preheat',
    { schema: { params: nameParams, body: jobBody }, bodyLimit, ...operator },
    async (request, reply) => {
      const { Urls, Rate = null, At, EverySeconds = null } = request.body;
      // Not which: the query of a URL may hold a secret.
      request.auditFacts = { Urls: Urls.length, Rate, At, EverySeconds };
      const node = await cacheNodes.view(request.params.name);
      const at = At === undefined ? wallTime() : Date.parse(At);
      if (Number.isNaN(at)) throw sluiceError('RequestInvalid', { detail: 'At: ISO 8601' });
      const everyMs = EverySeconds === null ? null : EverySeconds * 1000;
      const id = await preheatJobs.add(node.Name, { Urls, Rate, at, everyMs });
      return reply.code(201).send({ Id: id });
    },
  );

  app.delete<{ Params: { name: string; id: string } }>(
    '/admin/cache-nodes/:name/preheat/:id',
    { schema: { params: paramsOf({ name: idText, id: idText }) }, ...operator },
    async (request, reply) => {
      await preheatJobs.cancel(request.params.name, request.params.id);
      return reply.code(204).send();
    },
  );
}

const defaults: CacheNodeSettings = {
  Cidrs: [],
  MaxAllowableEgressInMbps: null,
  IsEnabled: true,
  Drives: [],
};

/** What no schema can say. @throws RequestInvalid */
function checked(given: Partial<CacheNodeSettings>): Partial<CacheNodeSettings> {
  const bad = given.Cidrs?.find((text) => !parseCidr(text));
  if (bad === undefined) return given;
  throw sluiceError('RequestInvalid', { detail: `Cidrs: ${JSON.stringify(bad)} is no network` });
}
