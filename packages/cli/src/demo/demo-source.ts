import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { formatContentRange, parseRange } from '@sluice/protocol';

/** A plain web server for one file that counts what leaves it. */
export interface DemoSource extends AsyncDisposable {
  readonly url: string;
  /** `host:port`, as the cache node's allow-list wants it. */
  readonly host: string;
  /** Bytes of content sent so far. */
  readonly sentBytes: number;
  close(): Promise<void>;
}

/**
 * Serves `path` at `http://127.0.0.1:<any port>/<name>`, with ranges and an ETag.
 * @param bytesPerSecond of all connections together; no limit if undefined.
 */
export async function startDemoSource(
  path: string,
  name: string,
  bytesPerSecond?: number,
): Promise<DemoSource> {
  const { size, mtimeMs } = await stat(path);
  const etag = `"${size.toString(16)}-${Math.trunc(mtimeMs).toString(16)}"`;
  const target = `/${encodeURIComponent(name)}`;
  let sentBytes = 0;
  /** When the limited line will be free. */
  let freeAt = 0;
  async function* pace(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const chunk of body) {
      if (bytesPerSecond !== undefined) {
        freeAt = Math.max(freeAt, performance.now()) + (1000 * chunk.length) / bytesPerSecond;
        await setTimeout(Math.max(0, freeAt - performance.now()));
      }
      sentBytes += chunk.length;
      yield chunk;
    }
  }
  const server = createServer((request, response) => {
    if (request.url !== target || request.method !== 'GET') {
      response.writeHead(404).end();
      return;
    }
    const asked = parseRange(request.headers.range ?? '', size);
    if (asked === 'unsatisfiable') {
      response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
      return;
    }
    const range = asked?.[0] ?? { start: 0, end: size };
    response.writeHead(asked ? 206 : 200, {
      'content-length': range.end - range.start,
      'accept-ranges': 'bytes',
      etag,
      ...(asked ? { 'content-range': formatContentRange(range, size) } : {}),
    });
    if (range.end === range.start) {
      response.end();
      return;
    }
    const { start, end } = range;
    const highWaterMark = bytesPerSecond === undefined ? 1 << 20 : 1 << 16;
    const body = createReadStream(path, { start, end: end - 1, highWaterMark });
    const paced = Readable.from(pace(body));
    paced.on('error', () => response.destroy());
    response.on('close', () => paced.destroy());
    paced.pipe(response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://${host}${target}`,
    host,
    get sentBytes() {
      return sentBytes;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
