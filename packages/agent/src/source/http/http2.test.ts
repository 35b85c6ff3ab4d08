import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createSecureServer, type ServerHttp2Session } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { formatContentRange, parseRange } from '@sluice/protocol';
import { fetchText, httpSource, never, rejectsWith } from '../testing/fetching.ts';
import { serveObject } from '../testing/object-server.ts';
import { selfSigned } from '../testing/self-signed.ts';

const tls = await selfSigned();
const content = Buffer.alloc(3_000_000, 'sluice ');

/** A server that speaks HTTP/2 and nothing else. */
async function serveHttp2() {
  const server = createSecureServer({ ...tls, allowHTTP1: false }, (request, response) => {
    const ranges = parseRange(String(request.headers.range ?? ''), content.length);
    const range = Array.isArray(ranges) ? ranges[0]! : { start: 0, end: content.length };
    response.setHeader('etag', '"v1"');
    response.setHeader('content-length', range.end - range.start);
    if (ranges) response.setHeader('content-range', formatContentRange(range, content.length));
    response.writeHead(ranges ? 206 : 200);
    response.end(content.subarray(range.start, range.end));
  });
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => sessions.add(session));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sessions,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const session of sessions) session.destroy();
      await once(server, 'close');
    },
  };
}

describe('HTTP source, HTTP/2', () => {
  it('is spoken where there is nothing else', async () => {
    await using server = await serveHttp2();
    await using source = httpSource(server.origin, { ca: tls.cert });
    const facts = await source.open(never);
    assert.deepEqual(facts, {
      contentLength: content.length,
      ranges: true,
      validator: 'etag:"v1"',
    });
    assert.equal(await fetchText(source), content.toString());
    const parts = [5, 1_000_000, 2_000_000].map((start) => fetchText(source, start, start + 500));
    const got = await Promise.all(parts);
    assert.deepEqual(
      got,
      Array(3)
        .fill(0)
        .map((_, i) => {
          const start = [5, 1_000_000, 2_000_000][i]!;
          return content.toString('latin1', start, start + 500);
        }),
    );
  });

  it('is not asked for where HTTP/1.1 does', async () => {
    await using server = await serveObject(content, tls);
    await using source = httpSource(server.origin, { ca: tls.cert });
    assert.equal((await fetchText(source)).length, content.length);
    assert.equal(server.requests[0]?.httpVersion, '1.1');
  });

  it('reports a server that agrees to nothing', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      // An alert: no_application_protocol, whatever is offered.
      socket.once('data', () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 120])));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await using source = httpSource(`https://127.0.0.1:${port}/`, { ca: tls.cert });
    await rejectsWith(source.open(never), 'SourceTlsFailed', { retryable: false });
    server.close();
  });
});
