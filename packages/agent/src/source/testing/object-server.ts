import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { formatContentRange, parseRange } from '@sluice/protocol';

export interface ObjectServer extends AsyncDisposable {
  /** `http://127.0.0.1:port` (or https). */
  readonly origin: string;
  /** All requests so far. */
  readonly requests: IncomingMessage[];
  /** The next request gets no answer. */
  holdNext(): void;
  /** The next answer is cut off after `bytes` bytes of body. */
  cutNextAfter(bytes: number): void;
  /** Resolves when no request is under way. */
  quiet(): Promise<void>;
}

/** A well-behaved web server with one object, at any path, that can be told to misbehave once. */
export async function serveObject(
  content: Uint8Array,
  tls?: { key: string; cert: string },
  host = '127.0.0.1',
): Promise<ObjectServer> {
  const requests: IncomingMessage[] = [];
  const under = new Set<ServerResponse>();
  let hold = false;
  let cutAt: number | undefined;

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    requests.push(request);
    under.add(response);
    response.on('close', () => under.delete(response));
    if (hold) {
      hold = false;
      return;
    }
    const ranges = parseRange(request.headers.range ?? '', content.length);
    const range = Array.isArray(ranges) ? ranges[0]! : { start: 0, end: content.length };
    const body = content.subarray(range.start, range.end);
    response.setHeader('ETag', '"v1"');
    response.setHeader('Accept-Ranges', 'bytes');
    if (ranges === 'unsatisfiable') {
      response.writeHead(416, { 'Content-Range': `bytes */${content.length}` }).end();
      return;
    }
    response.setHeader('Content-Length', body.length);
    if (ranges) response.setHeader('Content-Range', formatContentRange(range, content.length));
    response.writeHead(ranges ? 206 : 200);
    if (cutAt === undefined || cutAt >= body.length) response.end(body);
    else response.write(body.subarray(0, cutAt), () => response.destroy());
    cutAt = undefined;
  };

  const server = tls ? createTlsServer(tls, answer) : createServer(answer);
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${tls ? 'https' : 'http'}://${host}:${port}`,
    requests,
    holdNext: () => {
      hold = true;
    },
    cutNextAfter: (bytes) => {
      cutAt = bytes;
    },
    quiet: async () => {
      await Promise.all([...under].map((response) => response.closed || once(response, 'close')));
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
