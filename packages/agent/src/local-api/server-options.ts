import { once } from 'node:events';
import type { Server } from 'node:http';

/** Node's own limits hold: 16 KiB of headers within 60 s, a whole request within 5 minutes. */
export const serverOptions = {
  /** Programs that ask every minute keep their connection. */
  keepAliveTimeout: 72_000,
};

/** Ends all connections: who follows something would hold them for as long as it goes on. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
