import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseRange } from '@sluice/protocol';

/**
 * An HTTP source that serves each file with ranges. It can stop in the middle: after `limit` bytes
 * nothing more is sent until `limit` is raised.
 */
export async function startSource(files: Record<string, Uint8Array>) {
  const source = new Source(files);
  const server = createServer((request, response) => source.serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: (path: string) => `http://127.0.0.1:${port}${path}`,
    source,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

class Source {
  /** Body bytes that went out, of all answers. */
  sent = 0;
  limit = Number.POSITIVE_INFINITY;
  readonly #files: Record<string, Uint8Array>;
  #reached = Promise.withResolvers<void>();

  constructor(files: Record<string, Uint8Array>) {
    this.#files = files;
  }

  /** Resolves when the limit holds an answer back. */
  get limitReached(): Promise<void> {
    return this.#reached.promise;
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    const bytes = this.#files[request.url!];
    if (!bytes) {
      response.writeHead(404).end();
      return;
    }
    const ranges = request.headers.range && parseRange(request.headers.range, bytes.length);
    const range = Array.isArray(ranges) ? ranges[0]! : { start: 0, end: bytes.length };
    response.writeHead(Array.isArray(ranges) ? 206 : 200, {
      'content-length': range.end - range.start,
      'accept-ranges': 'bytes',
      etag: '"1"',
      ...(Array.isArray(ranges) && {
        'content-range': `bytes ${range.start}-${range.end - 1}/${bytes.length}`,
      }),
    });
    if (request.method === 'HEAD') response.end();
    else this.#send(response, bytes.subarray(range.start, range.end));
  }

  #send(response: ServerResponse, bytes: Uint8Array): void {
    const part = bytes.subarray(0, Math.max(0, this.limit - this.sent));
    this.sent += part.length;
    if (part.length === bytes.length) response.end(part);
    else {
      response.write(part);
      this.#reached.resolve();
    }
  }
}
