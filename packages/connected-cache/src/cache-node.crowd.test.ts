import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idleConnection, slowClient } from './testing/crowd.ts';
import { assertBytes, get, MiB, randomBytesOf, sourceAndNode } from './testing/harness.ts';

// The full size is `npm run bench:cache-crowd`.
test('slow clients, idle ones and half requests get in nobody’s way, and get the right bytes', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(8 * MiB + 77);
  source.put('/file', { bytes });
  const target = { url: node.url, host: source.host, path: '/file', bytes };
  await get(node, source, '/file');
  const heads = ['', 'GET /file HTTP/1.1\r\nHost:', `GET /file HTTP/1.1\r\nX: ${'x'.repeat(9000)}`];
  const idle = await Promise.all(
    Array.from({ length: 200 }, (_, i) => idleConnection(target, heads[i % heads.length])),
  );
  const slow = Array.from({ length: 60 }, (_, i) => {
    const start = (i * 131_071) % (4 * MiB);
    const manner = { bite: 40_000 + i, pauseMs: i % 3 };
    return slowClient(target, { start, end: start + 4 * MiB + i }, manner);
  });
  assertBytes((await get(node, source, '/file')).body, bytes);
  await Promise.all(slow);
  for (const socket of idle) socket.destroy();
  assert.equal(source.sent, bytes.length, 'one copy');
});
