import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { request } from 'undici';
import { Drive } from './store/drive.ts';
import { IndexState } from './store/index/index-state.ts';
import { readIndex } from './store/index/read-index.ts';
import { realStoreFiles } from './store/store-files.ts';
import {
  assertBytes,
  get,
  KiB,
  MiB,
  randomBytesOf,
  startNode,
  temporaryFolder,
} from './testing/harness.ts';
import { TestSource } from './testing/test-source.ts';

const pieceSize = 64 * KiB;

test('a node that is killed goes on with the pieces it had recorded', async (t) => {
  const cacheDir = await temporaryFolder(t);
  const source = await TestSource.start();
  t.after(() => source[Symbol.asyncDispose]());
  const bytes = randomBytesOf(32 * pieceSize + 99);
  source.put('/file', { bytes, heldAt: 0 });
  for (const pieces of [1, 7, 20]) {
    const { child, url } = await startChild(cacheDir, source.host);
    t.after(() => child.kill('SIGKILL'));
    const answer = request(`${url}/file?cacheHostOrigin=${source.host}`);
    source.allow('/file', pieces * pieceSize);
    const { body } = await answer;
    body.on('error', () => {}).resume();
    await recorded(cacheDir, pieces);
    child.kill('SIGKILL');
    await once(child, 'exit');
    // The dead node's answer must not go on when the next one's is allowed to.
    source.cut();
    assert.equal(source.sent, pieces * pieceSize, 'no piece that was recorded is fetched again');
  }
  source.allow('/file');
  const before = source.gets.length;
  const { node } = await startNode(t, { cacheDir, allow: [source.host], tuning: { pieceSize } });
  assert.equal(node.stats().CacheBytes, 20 * pieceSize);
  assertBytes((await get(node, source, '/file')).body, bytes);
  // What the source sends is no measure: it may be ahead of a connection that another has caught up with.
  for (const { headers } of source.gets.slice(before)) {
    const [, start] = /^bytes=(\d+)-/.exec(headers.range ?? '') ?? [];
    assert.ok(Number(start) >= 20 * pieceSize, `asked for ${headers.range}`);
  }
});

test('killed at any moment, a node never serves a wrong byte later', async (t) => {
  const cacheDir = await temporaryFolder(t);
  const source = await TestSource.start();
  t.after(() => source[Symbol.asyncDispose]());
  const bytes = randomBytesOf(64 * pieceSize + 1);
  source.put('/file', { bytes });
  for (let i = 0; i < 3; i++) {
    const { child, url } = await startChild(cacheDir, source.host);
    t.after(() => child.kill('SIGKILL'));
    const { body } = await request(`${url}/file?cacheHostOrigin=${source.host}`);
    const chunks: Buffer[] = [];
    let length = 0;
    const enough = Math.ceil((bytes.length * (i + 1)) / 5);
    body.on('error', () => {});
    body.on('data', (chunk) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= enough) child.kill('SIGKILL');
    });
    await once(child, 'exit');
    assertBytes(Buffer.concat(chunks), bytes.subarray(0, length));
  }
  const { node } = await startNode(t, { cacheDir, allow: [source.host], tuning: { pieceSize } });
  assertBytes((await get(node, source, '/file')).body, bytes);
});

/** A cache node in a process of its own, to be killed. */
async function startChild(cacheDir: string, host: string) {
  const options = {
    cacheDir,
    listen: { host: '127.0.0.1', port: 0 },
    maxBytes: 256 * MiB,
    allow: [host],
    tuning: { pieceSize },
  };
  const program = `
    import { createCacheNode } from ${JSON.stringify(import.meta.resolve('./cache-node.ts'))};
    console.log((await createCacheNode(${JSON.stringify(options)})).url);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, url };
}

/** Resolves when the index has that many pieces on disk. */
async function recorded(cacheDir: string, pieces: number): Promise<void> {
  for (;;) {
    const index = join(cacheDir, 'index');
    const state = new IndexState(
      new Drive(cacheDir, MiB, { limits: { quotas: new Map() } } as never),
    );
    await readIndex(realStoreFiles, index, state);
    const [object] = [...state.objects()];
    if ((object?.pieces.count ?? 0) >= pieces) return;
  }
}
