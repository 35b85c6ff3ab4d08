import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type ByteRange, formatContentRange, parseRange } from '@sluice/protocol';

/** An object on the server. */
export interface ServedObject {
  content: Uint8Array;
  /** With quotes; undefined = the server sends none. */
  etag?: string | undefined;
  lastModified?: string | undefined;
}

/** How an object is served; all false = as RFC 9110 has it. */
export interface Manners {
  /** A range is answered by the whole. */
  noRanges?: boolean;
  /** The length is not told. */
  chunked?: boolean;
  /** Said of the body; the bytes stay as they are. */
  encoding?: string;
  /** Content-Length says so many bytes more than there are. */
  lengthLie?: number;
  /** The connection is closed after so many bytes of each body. */
  cutAfter?: number;
}

/** Answers a request itself, or says how the object is to be served; undefined = well. */
export type Misbehaviour = (
  request: IncomingMessage,
  response: ServerResponse,
  /** From 0. */
  n: number,
) => Manners | 'answered' | undefined;

const chunkBytes = 64 * 1024;

/** A web server that does what servers should not. Objects lie at paths; `/file` by default. */
export class MisbehavingSource implements AsyncDisposable {
  readonly objects = new Map<string, ServedObject>();
  readonly requests: { path: string; range: string | undefined }[] = [];
  readonly origin: string;
  misbehave: Misbehaviour = () => undefined;
  /** Body bytes sent to anybody. */
  bytesSent = 0;
  readonly #server: ReturnType<typeof createServer>;
  readonly #closing = Promise.withResolvers<void>();
  #limit = Number.POSITIVE_INFINITY;
  #limitReached = Promise.withResolvers<void>();
  #raised = Promise.withResolvers<void>();

  private constructor(server: ReturnType<typeof createServer>, scheme: string) {
    this.#server = server;
    this.origin = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => this.#onRequest(request, response));
  }

  /** @param content of `/file`, with an ETag. */
  static async start(
    content: Uint8Array,
    tls?: { key: string; cert: string },
  ): Promise<MisbehavingSource> {
    const server = tls ? createTlsServer(tls) : createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const source = new MisbehavingSource(server, tls ? 'https' : 'http');
    source.objects.set('/file', { content, etag: '"1"' });
    return source;
  }

  url(path = '/file'): string {
    return this.origin + path;
  }

  /** The object at `/file`. */
  get object(): ServedObject {
    return this.objects.get('/file')!;
  }

  /** Sends no more than so many body bytes in all, until it is told anew. */
  set limit(bytes: number) {
    this.#limit = bytes;
    this.#limitReached = Promise.withResolvers();
    this.#raised.resolve();
    this.#raised = Promise.withResolvers();
  }

  /** Resolves when the limit keeps a body back. */
  get limitReached(): Promise<void> {
    return this.#limitReached.promise;
  }

  /** Cuts off all answers under way. */
  dropConnections(): void {
    this.#server.closeAllConnections();
  }

  /** Requests for `/file`. */
  get fetches(): number {
    return this.requests.filter(({ path }) => path === '/file').length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.resolve();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { range } = request.headers;
    const path = request.url ?? '';
    const n = this.requests.push({ path, range }) - 1;
    // Who goes away is part of the play.
    response.on('error', () => {});
    const manners = this.misbehave(request, response, n);
    if (manners === 'answered') return;
    const object = this.objects.get(path.split('?')[0]!);
    if (object) await this.#serve(range, response, object, manners ?? {});
    else response.writeHead(404).end();
  }

  async #serve(
    rangeHeader: string | undefined,
    response: ServerResponse,
    { content, etag, lastModified }: ServedObject,
    manners: Manners,
  ): Promise<void> {
    const total = content.length;
    const asked = manners.noRanges ? undefined : parseRange(rangeHeader ?? '', total);
    if (etag) response.setHeader('ETag', etag);
    if (lastModified) response.setHeader('Last-Modified', lastModified);
    if (manners.encoding) response.setHeader('Content-Encoding', manners.encoding);
    if (asked === 'unsatisfiable') {
      response.writeHead(416, { 'Content-Range': `bytes */${total}` }).end();
      return;
    }
    const range: ByteRange = asked?.[0] ?? { start: 0, end: total };
    const length = range.end - range.start + (manners.lengthLie ?? 0);
    if (!manners.chunked) response.setHeader('Content-Length', length);
    if (asked) response.setHeader('Content-Range', formatContentRange(range, total));
    response.writeHead(asked ? 206 : 200);
    const end = range.start + Math.min(range.end - range.start, manners.cutAfter ?? total);
    await this.#send(content.subarray(range.start, end), response);
    if (manners.cutAfter !== undefined || manners.lengthLie) response.destroy();
    else response.end();
  }

  async #send(body: Uint8Array, response: ServerResponse): Promise<void> {
    const gone = once(response, 'close');
    for (let at = 0; at < body.length && !response.destroyed; ) {
      const room = this.#limit - this.bytesSent;
      if (room <= 0) {
        this.#limitReached.resolve();
        await Promise.race([this.#raised.promise, gone, this.#closing.promise]);
        continue;
      }
      const chunk = body.subarray(at, at + Math.min(chunkBytes, room));
      this.bytesSent += chunk.length;
      at += chunk.length;
      if (!response.write(chunk)) await Promise.race([once(response, 'drain'), gone]);
    }
    // The far side hears of a cut only after what came before it.
    await new Promise<void>((resolve) => {
      if (response.destroyed || body.length === 0) resolve();
      else response.write('', () => resolve());
    });
  }
}
