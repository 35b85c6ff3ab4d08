import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCacheNode } from './cache-node.ts';
import { assertBytes, get, MiB, randomBytesOf, sourceAndNode } from './testing/harness.ts';

test('all clients together get no more than the egress limit, fetched, kept or passed on', async (t) => {
  // 8 MB/s: a burst of 0.4 MB, then 125 ms for each MB.
  const { source, node } = await sourceAndNode(t, { maxAllowableEgressInMbps: 64 });
  const bytes = randomBytesOf(MiB);
  source.put('/file', { bytes });
  source.put('/private', { bytes, headers: { 'cache-control': 'no-store' } });
  for (const path of ['/file', '/file', '/private']) {
    const began = performance.now();
    const replies = await Promise.all([0, 1, 2].map(() => get(node, source, path)));
    for (const { body } of replies) assertBytes(body, bytes);
    const ms = performance.now() - began;
    // What is passed on is let out before it is counted; the last chunks are not waited for.
    assert.ok(ms > (path === '/private' ? 200 : 290), `${path}: ${ms.toFixed(0)} ms`);
  }
});

test('refuses a limit that is none', async () => {
  for (const maxAllowableEgressInMbps of [0, -1, Number.NaN, 1e9]) {
    const listen = { host: '127.0.0.1', port: 0 };
    const options = { cacheDir: '/nonexistent', listen, maxBytes: MiB, allow: ['a.example'] };
    await assert.rejects(createCacheNode({ ...options, maxAllowableEgressInMbps }), {
      code: 'InvalidArgument',
    });
  }
});
