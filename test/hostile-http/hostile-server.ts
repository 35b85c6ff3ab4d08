import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Ask } from './hostile-case.ts';

export interface HostileServer extends AsyncDisposable {
  readonly origin: string;
  readonly heads: readonly string[];
}

/** A server that hands each request to `answer`, which writes what it likes. */
export async function serveHostile(
  answer: (ask: Ask) => void,
  tls?: { key: string; cert: string },
): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  const heads: string[] = [];
  let origin = '';
  const onSocket = (socket: Socket) => {
    sockets.add(socket);
    let text = '';
    // Resets are part of the play.
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data) => {
      text += data.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        answer({ socket, head, index: heads.push(head) - 1, range: rangeOf(head), origin });
      }
    });
  };
  const server: Server = tls ? createTlsServer(tls, onSocket) : createServer(onSocket);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    heads,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

function rangeOf(head: string): { start: number; end: number | undefined } | undefined {
  const [, start, last] = /^range: bytes=(\d+)-(\d*)\r?$/im.exec(head) ?? [];
  if (start === undefined) return undefined;
  return { start: Number(start), end: last ? Number(last) + 1 : undefined };
}
