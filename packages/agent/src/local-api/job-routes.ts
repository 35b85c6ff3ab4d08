import type { JobFilter, JobRange } from '@sluice/protocol';
import type { JobDesk } from '../jobs/job-desk.ts';
import type { ManagedJob } from '../jobs/managed-job.ts';
import type { Callers } from './callers.ts';
import type { Request, RouteSchema } from './route.ts';
import type { Router } from './router.ts';
import { streamJob } from './stream-job.ts';

/** The schemas of the requests and replies below. */
export interface JobSchemas {
  filter: object;
  properties: object;
  start: object;
  status: object;
}

type WithId = { Params: { id: string } };
type WithName = { Params: { id: string; name: string } };

/**
 * Downloads as jobs (workflow.md §12). Each caller has its own; an administrator has all.
 *
 *     POST   /v1/jobs                        makes one of properties, answers 201 with its status
 *     GET    /v1/jobs?Uri=…                  those that have these values
 *     GET    /v1/jobs/:id                    its status
 *     POST   /v1/jobs/:id/start              {Ranges?}; also resume, pause, finalize, abort
 *     GET    /v1/jobs/:id/events             its status as it changes, one JSON object a line, to the end
 *     PATCH  /v1/jobs/:id/properties         sets some
 *     GET    /v1/jobs/:id/properties/:name   {Value}
 */
export function addJobRoutes(
  app: Router,
  desk: JobDesk,
  callers: Callers,
  schemas: JobSchemas,
): void {
  const find = (request: Request<WithId>) => desk.find(callers.of(request.raw), request.params.id);
  const saved = async (job: ManagedJob) => {
    await desk.save(job);
    return job.status();
  };
  const reply = { 200: schemas.status };

  // The properties are checked by the desk, which refuses unknown ones by DO's codes.
  app.post<{ Body: Record<string, unknown> }>(
    '/v1/jobs',
    {
      schema: described('makes a job', { response: { 201: schemas.status } }),
      config: { documentedBody: schemas.properties },
    },
    async (request, response) => {
      const job = await desk.create(callers.of(request.raw), bodyOf(request.body));
      response.code(201);
      return job.status();
    },
  );
  const jobs = { type: 'array', items: schemas.status };
  app.get<{ Querystring: JobFilter }>(
    '/v1/jobs',
    {
      schema: described('lists jobs', { querystring: schemas.filter, response: { 200: jobs } }),
    },
    (request) => desk.list(callers.of(request.raw), request.query),
  );
  app.get<WithId>(
    '/v1/jobs/:id',
    { schema: described('the status of a job', { response: reply }) },
    (request) => find(request).status(),
  );
  app.get<WithId>(
    '/v1/jobs/:id/events',
    { schema: described('the status as it changes, one JSON object a line, to the end', {}) },
    (request, response) => {
      const job = find(request);
      response.hijack();
      streamJob(job, response.raw);
    },
  );
  app.post<WithId & { Body: { Ranges?: JobRange[] } }>(
    '/v1/jobs/:id/start',
    {
      schema: described('starts a job, or resumes it', { body: schemas.start, response: reply }),
      config: { isBodyOptional: true },
    },
    (request) => {
      const job = find(request);
      job.start(request.body.Ranges ?? []);
      return saved(job);
    },
  );
  app.post<WithId>(
    '/v1/jobs/:id/resume',
    { schema: described('resumes a paused job', { response: reply }) },
    (request) => {
      const job = find(request);
      job.start();
      return saved(job);
    },
  );
  app.post<WithId>(
    '/v1/jobs/:id/pause',
    { schema: described('pauses a job; what it has stays', { response: reply }) },
    async (request) => {
      const job = find(request);
      await job.pause();
      return saved(job);
    },
  );
  for (const how of ['finalize', 'abort'] as const) {
    const summary =
      how === 'finalize' ? 'forgets a job that is Transferred' : 'ends a job and deletes its file';
    app.post<WithId>(
      `/v1/jobs/:id/${how}`,
      { schema: described(summary, { response: reply }) },
      async (request) => {
        const job = find(request);
        await desk.end(job, how);
        return job.status();
      },
    );
  }
  app.patch<WithId & { Body: Record<string, unknown> }>(
    '/v1/jobs/:id/properties',
    {
      schema: described('sets properties', { response: reply }),
      config: { documentedBody: schemas.properties },
    },
    (request) => {
      const job = find(request);
      job.set(bodyOf(request.body));
      return saved(job);
    },
  );
  app.get<WithName>(
    '/v1/jobs/:id/properties/:name',
    { schema: described('one property, also Id and TotalSizeBytes', {}) },
    (request) => ({ Value: find(request).property(request.params.name) }),
  );
}

function described(summary: string, schema: RouteSchema): RouteSchema {
  return { summary, ...schema };
}

function bodyOf(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? { ...body } : {};
}
