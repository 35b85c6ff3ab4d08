import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseRange } from '@sluice/protocol';

/** An object of the source, and how it is (mis)served. */
export interface SourceObject {
  bytes: Buffer;
  /** Headers of its answers; an ETag or Last-Modified among them. */
  headers: Record<string, string>;
  /** False = every answer is a 200 with all of it. */
  ranges?: boolean;
  /** The body stops at this offset of the object until `allow` raises it. */
  heldAt?: number;
  /** The most bytes of one answer to a range. */
  mostPerAnswer?: number;
  /** False = If-Match and the like are ignored. */
  conditions?: boolean;
  /** Answers instead of the source; false = answer as usual. */
  instead?: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
}

/** What the source was asked. */
export interface Asked {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
}

const step = 64 * 1024;

/** A real HTTP server on loopback that counts what it is asked and what it sends. */
export class TestSource {
  readonly asked: Asked[] = [];
  /** Body bytes given to the system. */
  sent = 0;
  /** Connections that were made to it. */
  connections = 0;
  readonly #objects = new Map<string, SourceObject>();
  readonly #server: Server;
  #held: (() => void)[] = [];

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on('connection', () => this.connections++);
  }

  static async start(host = '127.0.0.1'): Promise<TestSource> {
    const source = new TestSource();
    source.#server.listen(0, host);
    await once(source.#server, 'listening');
    return source;
  }

  /** `127.0.0.1:port` */
  get host(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  }

  /** Sets an object; its ETag is made of the path and its length when it has no headers. */
  put(path: string, object: Partial<SourceObject> & { bytes: Buffer }): void {
    const before = this.#objects.get(path);
    if (before) before.heldAt = Number.POSITIVE_INFINITY;
    const headers = object.headers ?? { etag: `"${path}-${object.bytes.length}"` };
    this.#objects.set(path, { ...object, headers });
    this.#letGo();
  }

  /** Serves it otherwise from now on. */
  change(path: string, how: Partial<SourceObject>): void {
    Object.assign(this.#objects.get(path)!, how);
  }

  /** Breaks all connections. */
  cut(): void {
    this.#server.closeAllConnections();
    this.#letGo();
  }

  remove(path: string): void {
    this.#objects.delete(path);
  }

  /** Lets the body go on up to this offset. */
  allow(path: string, upTo = Number.POSITIVE_INFINITY): void {
    this.#objects.get(path)!.heldAt = upTo;
    this.#letGo();
  }

  /** Requests for bytes. */
  get gets(): Asked[] {
    return this.asked.filter(({ method }) => method === 'GET');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#letGo();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #letGo(): void {
    const held = this.#held;
    this.#held = [];
    for (const go of held) go();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request;
    this.asked.push({ method, url, headers });
    // The node may live on a clock that the test moves on.
    response.sendDate = false;
    const object = this.#objects.get(url.split('?', 1)[0]!);
    if (!object) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('no such object');
      return;
    }
    if (object.instead?.(request, response)) return;
    const status = this.#condition(object, headers);
    if (status !== undefined) {
      response.writeHead(status, object.headers).end();
      return;
    }
    this.#send(object, request, response);
  }

  #condition(
    { headers, conditions }: SourceObject,
    asked: IncomingMessage['headers'],
  ): number | undefined {
    if (conditions === false) return undefined;
    const { etag } = headers;
    const modified = headers['last-modified'];
    if (asked['if-match'] && asked['if-match'] !== etag) return 412;
    if (asked['if-unmodified-since'] && asked['if-unmodified-since'] !== modified) return 412;
    if (asked['if-none-match'] && asked['if-none-match'] === etag) return 304;
    if (asked['if-modified-since'] && asked['if-modified-since'] === modified) return 304;
    return undefined;
  }

  #send(object: SourceObject, { method, headers }: IncomingMessage, response: ServerResponse) {
    const { length } = object.bytes;
    const ranges =
      headers.range && object.ranges !== false ? parseRange(headers.range, length) : undefined;
    if (ranges === 'unsatisfiable') {
      response.writeHead(416, { 'content-range': `bytes */${length}` }).end();
      return;
    }
    const { start, end: asked } = ranges?.[0] ?? { start: 0, end: length };
    const end = ranges ? Math.min(asked, start + (object.mostPerAnswer ?? length)) : asked;
    response.writeHead(ranges ? 206 : 200, {
      'content-length': end - start,
      ...(ranges && { 'content-range': `bytes ${start}-${end - 1}/${length}` }),
      ...object.headers,
    });
    if (method === 'HEAD') response.end();
    else this.#stream(object, start, end, response);
  }

  async #stream(object: SourceObject, start: number, end: number, response: ServerResponse) {
    response.flushHeaders();
    const closed = once(response, 'close');
    for (let at = start; at < end && !response.destroyed; ) {
      const upTo = Math.min(end, at + step, object.heldAt ?? Number.POSITIVE_INFINITY);
      if (upTo <= at) {
        await new Promise<void>((go) => this.#held.push(go));
        continue;
      }
      this.sent += upTo - at;
      const more = response.write(object.bytes.subarray(at, upTo));
      at = upTo;
      if (!more && !response.destroyed) {
        await Promise.race([once(response, 'drain'), closed]);
      }
    }
    response.end();
  }
}
