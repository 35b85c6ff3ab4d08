import {
  type DownloadRequest,
  isSluiceError,
  type SluiceError,
  sluiceError,
  toSluiceError,
} from '@sluice/protocol';
import type { FastifyInstance, RouteOptions } from 'fastify';
import type { Agent } from '../agent.ts';
import { systemClock } from '../clock/system-clock.ts';
import type { Download } from '../download/download.ts';
import { hresultOf } from '../jobs/hresult-of.ts';
import type { JobDesk } from '../jobs/job-desk.ts';
import { localApiAddress } from './address.ts';
import { addAdminRoutes } from './admin-routes.ts';
import { Callers } from './callers.ts';
import { addJobRoutes } from './job-routes.ts';
import { listenPrivately } from './listen-privately.ts';
import { openApiOf } from './openapi.ts';
import { addSettingsRoutes } from './settings-routes.ts';
import { openShared } from './shared-socket.ts';
import { streamEvents } from './stream-events.ts';

/** Certificates are in it, too. */
const maxBodyBytes = 128 * 1024;
const Priority = {
  type: 'object',
  properties: { Foreground: { type: 'boolean' } },
  required: ['Foreground'],
  additionalProperties: false,
};
/** What each user may ask, who is shown his own only. All else is the administrator's. */
const forAll = ['/v1/status', '/v1/openapi.json', '/v1/login'];
const isForAll = (route: string) => forAll.includes(route) || /^\/v1\/jobs(\/|$)/.test(route);

export interface LocalApi extends AsyncDisposable {
  readonly address: string;
  close(): Promise<void>;
}

export interface LocalApiOptions {
  dataDir: string;
  /** The callers' jobs; without, there are only downloads. */
  jobs?: JobDesk | undefined;
  /** A socket for all users of this device besides the agent's own, each with its own jobs. */
  sharedSocket?: string | undefined;
}

/**
 * The agent's API for programs on this device: HTTP on a Unix socket that only its user may open, or a
 * named pipe on Windows.
 *
 *     GET    /v1/status                 the agent and its downloads
 *     POST   /v1/downloads              starts one, answers 201 with its Id
 *     GET    /v1/downloads/:id          its status
 *     GET    /v1/downloads/:id/why      why its bytes came from where they came (DownloadWhySchema)
 *     GET    /v1/downloads/:id/events   its status as it changes, one JSON object a line, to the end
 *     PATCH  /v1/downloads/:id          {Foreground}: moves it to the foreground or the background
 *     DELETE /v1/downloads/:id          ends and forgets it
 *     GET    /v1/openapi.json           all of it, and the jobs (`job-routes.ts`)
 *     …      /v1/settings               see `addSettingsRoutes`
 *
 * and those of `admin-routes.ts`.
 *
 * @throws AgentRunning when another agent has the data directory, ListenFailed.
 */
export async function serveLocalApi(agent: Agent, options: LocalApiOptions): Promise<LocalApi> {
  // Only a device that serves others pays for loading it.
  const { fastify } = await import('fastify');
  const schemas = await import('@sluice/protocol/schemas');
  const app = fastify({
    bodyLimit: maxBodyBytes,
    // What is not as the schema says is refused, not mended.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  });
  app.setErrorHandler((error, _request, reply) => {
    const { fault, status } = refusalOf(error);
    return reply.code(status).send(reportOf(fault));
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(reportOf(sluiceError('NoSuchResource'))),
  );
  await using undo = new AsyncDisposableStack();
  const { sharedSocket, jobs } = options;
  const shared =
    sharedSocket === undefined ? undefined : await openShared(sharedSocket, systemClock);
  if (shared) undo.use(shared);
  const callers = new Callers(shared?.logins);
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  addRoutes(app, agent, callers, {
    request: schemas.DownloadRequestSchema,
    why: schemas.DownloadWhySchema,
  });
  addAdminRoutes(app, agent);
  if (jobs) {
    addJobRoutes(app, jobs, callers, {
      filter: schemas.JobFilterSchema,
      properties: schemas.JobPropertiesSchema,
      start: schemas.JobStartSchema,
      status: schemas.JobStatusSchema,
    });
  }
  shared?.addRoutes(app);
  app.get('/v1/openapi.json', () => openApiOf(routes, schemas.ErrorReportSchema));
  const address = localApiAddress(options.dataDir);
  try {
    await app.ready();
    await listenPrivately(app.server, address, options.dataDir);
    await shared?.listen(app, callers);
  } catch (error) {
    await app.close();
    throw error;
  }
  const close = async () => {
    // Fastify leaves open what it did not listen for itself: who follows a download would hold it.
    app.server.close();
    app.server.closeAllConnections();
    await app.close();
    await opened.disposeAsync();
  };
  const opened = undo.move();
  return { address, close, [Symbol.asyncDispose]: close };
}

function addRoutes(
  app: FastifyInstance,
  agent: Agent,
  callers: Callers,
  schemas: { request: object; why: object },
): void {
  const find = (id: string): Download => {
    const download = agent.find(id);
    if (!download) throw sluiceError('DownloadUnknown', { id });
    return download;
  };
  // By the route that was found: a path can be spelt in many ways.
  app.addHook('onRequest', async ({ raw, routeOptions: { url } }) => {
    if (url !== undefined && !isForAll(url)) callers.assertAdmin(raw);
  });
  app.get('/v1/status', ({ raw }) => {
    const status = agent.status();
    return callers.of(raw).isAdmin ? status : { ...status, Downloads: [] };
  });
  addSettingsRoutes(app, agent.settings);
  app.post<{ Body: DownloadRequest }>(
    '/v1/downloads',
    { schema: { body: schemas.request } },
    async (request, reply) => {
      const download = await agent.download(request.body);
      return reply.code(201).send({ Id: download.id });
    },
  );
  app.get<{ Params: { id: string } }>('/v1/downloads/:id', (request) =>
    find(request.params.id).status(),
  );
  app.get<{ Params: { id: string } }>(
    '/v1/downloads/:id/why',
    { schema: { response: { 200: schemas.why } } },
    (request) => find(request.params.id).why(),
  );
  app.get<{ Params: { id: string } }>('/v1/downloads/:id/events', (request, reply) => {
    const download = find(request.params.id);
    reply.hijack();
    streamEvents(download, reply.raw);
  });
  app.patch<{ Params: { id: string }; Body: { Foreground: boolean } }>(
    '/v1/downloads/:id',
    { schema: { body: Priority } },
    (request) => {
      const download = find(request.params.id);
      download.setForeground(request.body.Foreground);
      return download.status();
    },
  );
  app.delete<{ Params: { id: string } }>('/v1/downloads/:id', async (request) => {
    await agent.remove(request.params.id);
    return {};
  });
}

/** What the caller did wrong, in the words of the catalogue; else it is ours. */
function refusalOf(error: unknown): { fault: SluiceError; status: number } {
  if (isSluiceError(error)) return { fault: error, status: statusCodeOf(error) };
  const { statusCode, message } = error as { statusCode?: unknown; message?: string };
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    const params = { name: 'request', detail: message ?? 'not valid' };
    return { fault: sluiceError('InvalidArgument', params, { cause: error }), status: statusCode };
  }
  return { fault: toSluiceError(error), status: 500 };
}

function reportOf(error: SluiceError): object {
  const { code, message, remedy, exitCode } = error;
  const HResult = hresultOf(error);
  return { Code: code, Message: message, Remedy: remedy, ExitCode: exitCode, HResult };
}

function statusCodeOf({ code }: SluiceError): number {
  if (code === 'InvalidArgument' || code.startsWith('Property')) return 400;
  if (code === 'DownloadUnknown' || code === 'JobUnknown' || code === 'FileUnknown') return 404;
  if (code === 'NotYours') return 401;
  if (code === 'PinRefused' || code === 'PinnedNeedsForce' || code === 'ContentBusy') return 409;
  if (code === 'DownloadOver') return 409;
  if (code.startsWith('Job') || code === 'TargetUnwritable') return 409;
  return code === 'Cancelled' ? 503 : 500;
}
