import { chmod, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import {
  type DownloadRequest,
  DownloadRequestSchema,
  type DownloadStatus,
  isFinalState,
  type SluiceError,
  sluiceError,
  toSluiceError,
} from '@sluice/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Agent } from '../agent.ts';
import type { Download } from '../download/download.ts';
import { localApiAddress } from './address.ts';

const maxBodyBytes = 64 * 1024;

export interface LocalApi extends AsyncDisposable {
  readonly address: string;
  close(): Promise<void>;
}

/**
 * The agent's API for programs on this device: HTTP on a Unix socket that only its user may open, or a
 * named pipe on Windows.
 *
 *     GET    /v1/status                 the agent and its downloads
 *     POST   /v1/downloads              starts one, answers 201 with its Id
 *     GET    /v1/downloads/:id          its status
 *     GET    /v1/downloads/:id/events   its status as it changes, one JSON object a line, to the end
 *     DELETE /v1/downloads/:id          ends and forgets it
 *
 * @throws AgentRunning when another agent has the data directory, ListenFailed.
 */
export async function serveLocalApi(agent: Agent, options: { dataDir: string }): Promise<LocalApi> {
  const address = localApiAddress(options.dataDir);
  await removeStale(address, options.dataDir);
  // Only a device that serves others pays for loading it.
  const { fastify } = await import('fastify');
  const app = fastify({ bodyLimit: maxBodyBytes, forceCloseConnections: true });
  app.setErrorHandler((error: Error & { validation?: unknown }, _request, reply) => {
    const fault = error.validation
      ? sluiceError('InvalidArgument', { name: 'request', detail: error.message })
      : toSluiceError(error);
    return reply.code(statusCodeOf(fault)).send(reportOf(fault));
  });
  addRoutes(app, agent);
  try {
    await app.listen({ path: address });
    if (process.platform !== 'win32') await chmod(address, 0o600);
  } catch (error) {
    await app.close();
    const detail = error instanceof Error ? error.message : String(error);
    throw sluiceError('ListenFailed', { address, detail }, { cause: error });
  }
  const close = () => app.close();
  return { address, close, [Symbol.asyncDispose]: close };
}

function addRoutes(app: FastifyInstance, agent: Agent): void {
  const find = (id: string): Download => {
    const download = agent.find(id);
    if (!download) throw sluiceError('DownloadUnknown', { id });
    return download;
  };
  app.get('/v1/status', () => agent.status());
  app.post<{ Body: DownloadRequest }>(
    '/v1/downloads',
    { schema: { body: DownloadRequestSchema } },
    async (request, reply) => {
      const download = await agent.download(request.body);
      return reply.code(201).send({ Id: download.id });
    },
  );
  app.get<{ Params: { id: string } }>('/v1/downloads/:id', (request) =>
    find(request.params.id).status(),
  );
  app.get<{ Params: { id: string } }>('/v1/downloads/:id/events', (request, reply) =>
    streamEvents(find(request.params.id), reply),
  );
  app.delete<{ Params: { id: string } }>('/v1/downloads/:id', async (request) => {
    await agent.remove(request.params.id);
    return {};
  });
}

function streamEvents(download: Download, reply: FastifyReply): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const write = (status: DownloadStatus) => {
    // Who reads slowly misses steps, never the end.
    const last = isFinalState(status.State);
    if (last || !raw.writableNeedDrain) raw.write(`${JSON.stringify(status)}\n`);
    if (!last) return;
    unsubscribe();
    raw.end();
  };
  const unsubscribe = download.subscribe(write);
  raw.on('close', unsubscribe);
  write(download.status());
}

function reportOf({ code, message, remedy, exitCode }: SluiceError): object {
  return { Code: code, Message: message, Remedy: remedy, ExitCode: exitCode };
}

function statusCodeOf({ code }: SluiceError): number {
  if (code === 'InvalidArgument') return 400;
  if (code === 'DownloadUnknown') return 404;
  return 500;
}

/** A socket that nobody answers on was left by a killed agent. */
async function removeStale(address: string, dataDir: string): Promise<void> {
  const inUse = await new Promise<boolean>((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
  if (inUse) throw sluiceError('AgentRunning', { dataDir });
  if (process.platform !== 'win32') await rm(address, { force: true });
}
