import { createServer } from 'node:http';
import { type DownloadRequest, sluiceError } from '@sluice/protocol';
import type { Agent } from '../agent.ts';
import { systemClock } from '../clock/system-clock.ts';
import type { Download } from '../download/download.ts';
import type { JobDesk } from '../jobs/job-desk.ts';
import { localApiAddress } from './address.ts';
import { addAdminRoutes } from './admin-routes.ts';
import { Callers } from './callers.ts';
import { addJobRoutes } from './job-routes.ts';
import { listenPrivately } from './listen-privately.ts';
import { openApiOf } from './openapi.ts';
import type { Router } from './router.ts';
import { closeServer, serverOptions } from './server-options.ts';
import { addSettingsRoutes } from './settings-routes.ts';
import { openShared } from './shared-socket.ts';
import { streamEvents } from './stream-events.ts';

const Priority = {
  type: 'object',
  properties: { Foreground: { type: 'boolean' } },
  required: ['Foreground'],
  additionalProperties: false,
};

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
  const { Router } = await import('./router.ts');
  const schemas = await import('@sluice/protocol/schemas');
  await using undo = new AsyncDisposableStack();
  const { sharedSocket, jobs } = options;
  const shared =
    sharedSocket === undefined ? undefined : await openShared(sharedSocket, systemClock);
  if (shared) undo.use(shared);
  const callers = new Callers(shared?.logins);
  const app = new Router((route, request) => callers.assertMay(route, request));
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
  app.get('/v1/openapi.json', () => openApiOf(app.routes, schemas.ErrorReportSchema));
  const address = localApiAddress(options.dataDir);
  const server = createServer(serverOptions, app.serve);
  undo.defer(() => closeServer(server));
  await listenPrivately(server, address, options.dataDir);
  await shared?.listen(app, callers);
  const opened = undo.move();
  const close = () => opened.disposeAsync();
  return { address, close, [Symbol.asyncDispose]: close };
}

function addRoutes(
  app: Router,
  agent: Agent,
  callers: Callers,
  schemas: { request: object; why: object },
): void {
  const find = (id: string): Download => {
    const download = agent.find(id);
    if (!download) throw sluiceError('DownloadUnknown', { id });
    return download;
  };
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
      reply.code(201);
      return { Id: download.id };
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
