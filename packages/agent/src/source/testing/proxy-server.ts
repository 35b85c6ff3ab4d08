import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ProxyServerForTests extends AsyncDisposable {
  /** `http://127.0.0.1:port` (or https). */
  readonly origin: string;
  /** Request lines so far. */
  readonly lines: string[];
  /** `Proxy-Authorization` of each. */
  readonly credentials: (string | undefined)[];
}

/**
 * A forward proxy for plain requests and CONNECT. It resolves every name to 127.0.0.1.
 * @param options.user `name:password` that it wants; `options.refuse`: the status it answers everything with.
 */
export async function serveProxy(
  options: { user?: string; refuse?: number; tls?: { key: string; cert: string } } = {},
): Promise<ProxyServerForTests> {
  const lines: string[] = [];
  const credentials: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const wanted = options.user && `Basic ${Buffer.from(options.user).toString('base64')}`;
  const refusal = (asked: IncomingMessage): number | undefined => {
    lines.push(`${asked.method} ${asked.url}`);
    credentials.push(asked.headers['proxy-authorization']);
    if (options.refuse) return options.refuse;
    return wanted && asked.headers['proxy-authorization'] !== wanted ? 407 : undefined;
  };
  const onRequest = (asked: IncomingMessage, reply: import('node:http').ServerResponse) => {
    const status = refusal(asked);
    if (status !== undefined) {
      reply.writeHead(status).end();
      return;
    }
    const { port, pathname, search } = new URL(asked.url ?? '');
    const headers = { ...asked.headers };
    delete headers['proxy-authorization'];
    const onward = request({ host: '127.0.0.1', port, path: pathname + search, headers }, (far) => {
      reply.writeHead(far.statusCode ?? 502, far.rawHeaders);
      far.on('error', () => {});
      far.on('close', () => !far.complete && reply.destroy());
      far.pipe(reply);
    });
    onward.on('error', () => reply.destroy());
    reply.on('close', () => onward.destroy());
    asked.pipe(onward);
  };
  const server = options.tls ? createTlsServer(options.tls, onRequest) : createServer(onRequest);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.on('connect', (asked: IncomingMessage, near: Socket) => {
    const status = refusal(asked);
    if (status !== undefined) {
      near.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      return;
    }
    const far = connect(Number(asked.url?.split(':').at(-1)), '127.0.0.1', () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      far.pipe(near).pipe(far);
    });
    for (const s of [near, far]) s.on('error', () => {});
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    lines,
    credentials,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
