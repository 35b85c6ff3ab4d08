import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface ScriptedServer extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  readonly port: number;
  /** Heads of all requests so far, as they came. */
  readonly requests: string[];
  /** Connections accepted so far. */
  readonly connections: Socket[];
}

/** A server that answers byte by byte what the test says, right or wrong. */
export async function serveScript(
  answer: (socket: Socket, requestHead: string, index: number) => void,
  host = '127.0.0.1',
): Promise<ScriptedServer> {
  const requests: string[] = [];
  const connections: Socket[] = [];
  const server = createServer((socket) => {
    connections.push(socket);
    let text = '';
    // Resets are part of the play.
    socket.on('error', () => {});
    socket.on('data', (data) => {
      text += data.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        answer(socket, head, requests.push(head) - 1);
      }
    });
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    requests,
    connections,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of connections) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** The text of an answer with a Content-Length body. */
export function answerText(status: string, headers: Record<string, string>, body = ''): string {
  const lines = Object.entries({ 'Content-Length': String(body.length), ...headers });
  return `HTTP/1.1 ${status}\r\n${lines.map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n${body}`;
}

/** The value of a header in a request head. */
export function headerOf(requestHead: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)$`, 'im').exec(requestHead)?.[1]?.trimEnd();
}
