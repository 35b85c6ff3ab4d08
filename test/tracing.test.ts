/** One download is one trace, over device, cache node and cloud. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { test } from 'node:test';
import { createAgent } from '@sluice/agent';
import { createCloud } from '@sluice/cloud';
import { createCacheNode } from '@sluice/connected-cache';
import { formatPiecesHashFile, PiecesHasher } from '@sluice/protocol';

interface Told {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
}

test('a download is one trace, with spans of device, cache node and cloud', async (t) => {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-trace-'));
  undo.defer(() => rm(folder, { recursive: true }));
  const listen = { host: '127.0.0.1', port: 0 };
  const open = async (serve: Parameters<typeof createServer>[1]) => {
    const server = createServer(serve).listen(0, listen.host);
    await new Promise((resolve) => server.once('listening', resolve));
    undo.defer(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const spans: Told[] = [];
  const otlpEndpoint = await open(async (request, response) => {
    assert.equal(request.url, '/v1/traces');
    // biome-ignore lint/suspicious/noExplicitAny: it is looked at below
    const [told] = ((await json(request)) as any).resourceSpans;
    const service = told.resource.attributes[0].value.stringValue;
    for (const span of told.scopeSpans[0].spans) spans.push({ service, ...span });
    response.end('{}');
  });
  const bytes = Buffer.alloc(3 << 20, 'traced ');
  const heard: IncomingHttpHeaders[] = [];
  const source = await open(({ headers }, response) => {
    heard.push(headers);
    response.writeHead(200, { 'content-length': bytes.length, etag: '"1"' }).end(bytes);
  });

  const adminToken = 'the-admin-token-of-the-test';
  const cloud = await createCloud({
    dataDir: path.join(folder, 'cloud'),
    listen,
    adminToken,
    otlpEndpoint,
  });
  const node = await createCacheNode({
    ...{ drives: [{ folder: path.join(folder, 'cache'), maxBytes: 64 << 20 }], listen },
    ...{ allow: [new URL(source).host], operations: { otlpEndpoint } },
  });
  const hasher = new PiecesHasher();
  hasher.update(bytes);
  const Phf = JSON.parse(formatPiecesHashFile(hasher.finish()));
  await fetch(`${cloud.url}/admin/content`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ Urls: [`${source}/file`], Phf }),
    signal: t.signal,
  });
  const agent = await createAgent({
    ...{ dataDir: path.join(folder, 'agent'), cloudUrl: cloud.url, otlpEndpoint },
    ...{ peerPort: 0, listenHost: listen.host, localDiscovery: false },
    cacheHosts: [new URL(node.url).host],
  });
  const output = path.join(folder, 'out');
  const download = await agent.download({ Url: `${source}/file`, Output: output });
  const status = await download.finished;
  assert.equal(status.State, 'Finalized', status.Error?.Message);
  assert.ok(status.BytesFromCacheServer > 0);
  // What they have not sent they send at their end.
  await agent.close();
  await node.close();
  await cloud.close();

  const root = spans.find(({ name }) => name === 'download')!;
  assert.deepEqual([root.service, root.parentSpanId], ['sluice-agent', undefined]);
  for (const { traceId } of spans) assert.equal(traceId, root.traceId);
  const parentOf = ({ parentSpanId }: Told) => spans.find((s) => s.spanId === parentSpanId)!;
  const chain = (service: string, name: string) => {
    const last = spans.find((s) => s.service === service && s.name.startsWith(name))!;
    return [last, parentOf(last), parentOf(parentOf(last))].map((s) => `${s.service} ${s.name}`);
  };
  assert.deepEqual(chain('sluice-cloud', 'GET /content'), [
    'sluice-cloud GET /content/:contentId/contentpolicy',
    'sluice-agent content policy',
    'sluice-agent download',
  ]);
  assert.deepEqual(chain('sluice-cache-node', 'GET'), [
    'sluice-cache-node GET',
    'sluice-agent GET from cache host',
    'sluice-agent download',
  ]);
  // The device tells the source nothing; the cache node passes on whose part its question is.
  const ofNode = heard.filter(({ via }) => via !== undefined);
  const nodeSpans = spans.filter(({ service }) => service === 'sluice-cache-node');
  assert.ok(ofNode.length > 0);
  for (const { traceparent } of ofNode) {
    assert.ok(nodeSpans.some(({ spanId }) => traceparent === `00-${root.traceId}-${spanId}-01`));
  }
  for (const headers of heard) {
    assert.equal(headers.traceparent !== undefined, headers.via !== undefined);
  }
});
