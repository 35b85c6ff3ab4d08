/** Nodes that ask another node before the source. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertBytes,
  filled,
  get,
  MiB,
  randomBytesOf,
  sourceAndNode,
  startNode,
} from './testing/harness.ts';

const hostOf = (url: string) => url.slice('http://'.length);

test('two nodes below one cost the source one copy', async (t) => {
  const { source, node: parent } = await sourceAndNode(t);
  const bytes = randomBytesOf(5 * MiB + 3);
  source.put('/x', { bytes });
  const nested = { allow: [source.host], upstream: hostOf(parent.url) };
  const { node: one } = await startNode(t, nested);
  const { node: two } = await startNode(t, nested);
  for (const node of [one, two]) {
    const { body, headers } = await get(node, source, '/x?a=b&c');
    assertBytes(body, bytes);
    assert.equal(headers['x-cache'], 'MISS');
    await filled(node);
    assert.equal((await get(node, source, '/x?a=b&c')).headers['x-cache'], 'HIT');
  }
  assert.equal(source.sent, bytes.length);
  assert.ok(
    source.asked.every(({ url }) => url === '/x?a=b&c'),
    'the marker is gone',
  );
  assert.equal(parent.stats().EgressBytes, 2 * bytes.length);
  assert.equal((await get(one, source, '/nothing')).status, 404);
});

test('a parent that is down, or does not serve the source, is passed by', async (t) => {
  const { source, node: gone } = await sourceAndNode(t);
  await gone.close();
  const { node: strict } = await startNode(t, { allow: ['other.example'] });
  const bytes = randomBytesOf(2 * MiB);
  source.put('/x', { bytes });
  for (const parent of [gone, strict]) {
    const { node } = await startNode(t, { allow: [source.host], upstream: hostOf(parent.url) });
    assertBytes((await get(node, source, '/x')).body, bytes);
  }
});

test('what is one caller’s own goes to the source itself', async (t) => {
  const { source, node: parent } = await sourceAndNode(t);
  source.put('/x', { bytes: randomBytesOf(100) });
  const { node } = await startNode(t, { allow: [source.host], upstream: hostOf(parent.url) });
  const headers = { authorization: 'Basic abc' };
  assert.equal((await get(node, source, '/x', { headers })).status, 200);
  assert.equal(parent.stats().Requests, 0);
  assert.equal(source.asked[0]!.headers.authorization, 'Basic abc');
});

test('a ring of nodes ends at the source', async (t) => {
  const { source, node: first } = await sourceAndNode(t);
  await first.close();
  source.put('/x', { bytes: Buffer.from('x') });
  const port = Number(new URL(first.url).port);
  const { node: second } = await startNode(t, {
    allow: [source.host],
    upstream: `127.0.0.1:${port}`,
  });
  const { node: ring } = await startNode(t, {
    allow: [source.host],
    listen: { host: '127.0.0.1', port },
    upstream: hostOf(second.url),
  });
  assert.equal((await get(ring, source, '/x')).body.toString(), 'x');
});
