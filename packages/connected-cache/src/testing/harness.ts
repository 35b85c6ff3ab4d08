import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { type CacheNode, createCacheNode } from '../cache-node.ts';
import type { CacheNodeOptions } from '../options.ts';
import { TestSource } from './test-source.ts';

export const KiB = 1024;
export const MiB = 1024 * KiB;

/** A temporary folder that goes with the test. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-cache-'));
  // A node in it may be about to close, and write what is left.
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** A source and a node that may fetch from it, both ended with the test. */
export async function sourceAndNode(
  t: TestContext,
  options: Partial<CacheNodeOptions> = {},
): Promise<{ source: TestSource; node: CacheNode; cacheDir: string }> {
  const source = await TestSource.start();
  const { node, cacheDir } = await startNode(t, { allow: [source.host], ...options });
  t.after(() => source[Symbol.asyncDispose]());
  return { source, node, cacheDir };
}

/** A node that ends with the test; its folder goes then unless it was given. */
export async function startNode(
  t: TestContext,
  options: Partial<CacheNodeOptions>,
): Promise<{ node: CacheNode; cacheDir: string }> {
  const cacheDir = options.cacheDir ?? (await mkdtemp(join(tmpdir(), 'sluice-cache-')));
  const node = await createCacheNode({
    listen: { host: '127.0.0.1', port: 0 },
    allow: [],
    ...(!options.drives && { maxBytes: 256 * MiB, cacheDir }),
    ...options,
    tuning: { closeGraceMs: 200, ...options.tuning },
  });
  t.after(async () => {
    await node.close();
    if (!options.cacheDir) await rm(cacheDir, { recursive: true, force: true });
  });
  return { node, cacheDir };
}

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** Many connections at once, none kept: a test must not wait for another's answer. */
const clients = new Agent({ connections: null, keepAliveTimeout: 1, keepAliveMaxTimeout: 1 });

/** Asks the node for an object of the source. Rejects when the answer is cut. */
export async function get(
  node: CacheNode,
  source: { host: string },
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Reply> {
  const mark = path.includes('?') ? '&' : '?';
  const url = `${node.url}${path}${mark}cacheHostOrigin=${source.host}`;
  const answer = await request(url, { method, headers, dispatcher: clients });
  const body = Buffer.from(await answer.body.arrayBuffer());
  return { status: answer.statusCode, headers: answer.headers, body };
}

/** Bytes that are not to be mistaken for others. */
export function randomBytesOf(length: number): Buffer {
  return randomFillSync(Buffer.allocUnsafe(length));
}

/** As deepEqual for large buffers, with a short message. */
export function assertBytes(actual: Buffer, expected: Buffer): void {
  assert.equal(actual.length, expected.length, 'length');
  assert.ok(actual.equals(expected), 'the bytes differ');
}

/** Resolves as soon as the condition holds; the loop goes on meanwhile. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(1);
}

/** Resolves when all that was fetched is on disk. */
export function filled(node: CacheNode): Promise<void> {
  return until(() => node.stats().ActiveFills === 0);
}

/** The next `length` bytes of a body that comes slowly. */
export async function take(body: Readable, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let left = length;
  while (left > 0) {
    const chunk: Buffer | null = body.read();
    if (!chunk) {
      if (body.readableEnded || body.destroyed) throw new Error('the body ended');
      await once(body, 'readable');
      continue;
    }
    chunks.push(chunk.subarray(0, left));
    if (chunk.length > left) body.unshift(chunk.subarray(left));
    left -= Math.min(left, chunk.length);
  }
  return Buffer.concat(chunks);
}
