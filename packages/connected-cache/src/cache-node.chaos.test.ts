import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from 'undici';
import { KiB, MiB, randomBytesOf, sourceAndNode, until } from './testing/harness.ts';

/** Numbers from 0 to 1 that come the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

const paths = ['/0', '/1', '/2', '/3'];

test('whatever breaks, every byte given out is of one state of the object, in its place', async (t) => {
  const tuning = { pieceSize: 16 * KiB, runPieces: 4, segmentPieces: 2 };
  const { source, node } = await sourceAndNode(t, { maxBytes: MiB, tuning });
  const random = seeded(37);
  /** All states that each object ever had, by ETag. */
  const states = new Map<string, Buffer>();
  const change = (path: string) => {
    const etag = `"${path}-${states.size}"`;
    const bytes = randomBytesOf(1 + Math.floor(random() * 900 * KiB));
    states.set(etag, bytes);
    const checked = random() < 0.5 ? { 'cache-control': 'no-cache' } : {};
    source.put(path, { bytes, headers: { etag, ...checked }, ranges: random() < 0.8 });
  };
  for (const path of paths) change(path);
  let whole = 0;
  const client = async () => {
    for (let i = 0; i < 25; i++) {
      const path = paths[Math.floor(random() * paths.length)]!;
      const start = Math.floor(random() * 800 * KiB);
      const range =
        random() < 0.5 ? {} : { range: `bytes=${start}-${(start + random() * 300 * KiB) | 0}` };
      const leaveAfter = random() < 0.2 ? random() * 200 * KiB : Number.POSITIVE_INFINITY;
      if (await ask(path, range, leaveAfter)) whole++;
    }
  };
  const ask = async (path: string, headers: Record<string, string>, leaveAfter: number) => {
    const url = `${node.url}${path}?cacheHostOrigin=${source.host}`;
    const answer = await request(url, { headers }).catch(() => undefined);
    if (!answer) return false;
    const chunks: Buffer[] = [];
    let length = 0;
    try {
      for await (const chunk of answer.body) {
        chunks.push(chunk);
        length += chunk.length;
        if (length > leaveAfter) break;
      }
    } catch {
      length = -1;
    }
    if (answer.statusCode !== 200 && answer.statusCode !== 206) return false;
    const from = /^bytes (\d+)-/.exec(`${answer.headers['content-range'] ?? ''}`)?.[1];
    const state = states.get(`${answer.headers.etag}`)!.subarray(Number(from ?? 0));
    const got = Buffer.concat(chunks);
    assert.ok(got.equals(state.subarray(0, got.length)), `${path} of ${answer.headers.etag}`);
    return length === Number(answer.headers['content-length']);
  };
  let running = true;
  const trouble = async () => {
    while (running) {
      const what = random();
      if (what < 0.1) source.cut();
      else if (what < 0.2) change(paths[Math.floor(random() * paths.length)]!);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const troubles = trouble();
  await Promise.all(Array.from({ length: 12 }, client));
  running = false;
  await troubles;
  await until(() => node.stats().ActiveFills === 0 && node.stats().ActiveAnswers === 0);
  assert.ok(whole > 30, `${whole} answers came through`);
  assert.ok(node.stats().CacheBytes <= MiB);
});
