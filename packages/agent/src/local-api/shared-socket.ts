import { once } from 'node:events';
import { lstat, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type Clock, sluiceError } from '@sluice/protocol';
import type { Callers } from './callers.ts';
import { FairConnections } from './fair-connections.ts';
import { Logins } from './logins.ts';
import type { Router } from './router.ts';
import { closeServer, serverOptions } from './server-options.ts';

/** The socket for all users of this device, and the way they say who they are. */
export interface SharedSocket extends AsyncDisposable {
  readonly logins: Logins;
  /** POST /v1/login {} names a folder to make; with {Folder}, when it is made, it gives a token. */
  addRoutes(app: Router): void;
  listen(app: Router, callers: Callers): Promise<void>;
}

/** @throws InvalidArgument as root, and on Windows, which has no such sockets. */
export async function openShared(path: string, clock: Clock): Promise<SharedSocket> {
  if (process.platform === 'win32' || process.getuid?.() === 0) {
    // It writes files for other users: what it may write, they may have written.
    const detail = 'is for an agent that runs as a user without special rights';
    throw sluiceError('InvalidArgument', { name: 'the shared socket', detail });
  }
  const logins = await Logins.open(`${path}.login`, clock);
  let server: Server | undefined;
  return {
    logins,
    addRoutes: (app) => addLogin(app, logins),
    listen: async (app, callers) => {
      const connections = new FairConnections();
      server = createServer(serverOptions, (request, response) => {
        callers.cameByShared(request);
        connections.served(request.socket, callers.known(request)?.name);
        void app.serve(request, response);
      });
      server.on('connection', (socket) => connections.add(socket));
      await listenForAll(server, path);
    },
    [Symbol.asyncDispose]: async () => {
      if (server) await closeServer(server);
      await logins.close();
    },
  };
}

function addLogin(app: Router, logins: Logins): void {
  const body = {
    type: 'object',
    properties: { Folder: { type: 'string', maxLength: 4_096 } },
    additionalProperties: false,
  };
  const summary = 'says who asks: make the Folder with mode 0700, then send it for a Token';
  app.post<{ Body: { Folder?: string } }>(
    '/v1/login',
    { schema: { summary, body } },
    async ({ body: { Folder } }) =>
      Folder === undefined
        ? { Folder: logins.challenge() }
        : { Token: await logins.answer(Folder) },
  );
}

async function listenForAll(server: Server, path: string): Promise<void> {
  try {
    const stats = await lstat(path).catch(() => undefined);
    // Left by a process that was killed: the data directory is ours, so this is nobody's.
    if (stats?.isSocket()) await rm(path);
    const before = process.umask(0o111);
    try {
      server.listen(path);
    } finally {
      process.umask(before);
    }
    await once(server, 'listening');
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw sluiceError('ListenFailed', { address: path, detail }, { cause: error });
  }
}
