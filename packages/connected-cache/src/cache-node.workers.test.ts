import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  assertBytes,
  filled,
  get,
  MiB,
  randomBytesOf,
  sourceAndNode,
  temporaryFolder,
  until,
} from './testing/harness.ts';
import { rawConnect } from './testing/raw-client.ts';

/** One answer on a connection that stays. */
async function ask(socket: ReturnType<typeof rawConnect>, host: string, more = '') {
  socket.write(`GET /file HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`);
  let all = Buffer.alloc(0);
  for (;;) {
    const cut = all.indexOf('\r\n\r\n');
    const head = all.toString('latin1', 0, Math.max(0, cut));
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    if (cut >= 0 && all.length >= cut + 4 + length) return { head, body: all.subarray(cut + 4) };
    const [chunk] = await once(socket, 'data');
    all = Buffer.concat([all, chunk]);
  }
}

/** The lines of a head that do not change with time. */
function lasting(head: string): string[] {
  const lines = head.split('\r\n').filter((line) => !/^age:/i.test(line));
  return lines.map((line) => line.toLowerCase()).sort();
}

test('with several workers all is as with one: bytes, heads, counts, log, purges', async (t) => {
  const file = join(await temporaryFolder(t), 'access.log');
  const options = { workers: 2, operations: { accessLog: { file } } };
  const { source, node } = await sourceAndNode(t, options);
  const bytes = randomBytesOf(3 * MiB + 5);
  source.put('/file', { bytes });
  const sockets = [1, 2, 3].map(() => rawConnect(node.url));
  const first = await ask(sockets[0]!, source.host);
  assertBytes(first.body, bytes);
  await filled(node);
  for (const socket of sockets) {
    const whole = await ask(socket, source.host);
    assertBytes(whole.body, bytes);
    assert.match(whole.head, /^HTTP\/1\.1 200 OK[\s\S]*x-cache: HIT/);
    const part = await ask(socket, source.host, 'Range: bytes=-70000\r\n');
    assertBytes(part.body, bytes.subarray(-70_000));
    // What the HTTP server must answer is answered on the same connection, and with the same head.
    const other = await ask(
      socket,
      source.host,
      'Range: bytes=-70000\r\nMax-Forwards: 1\r\nPragma: x\r\n',
    );
    assertBytes(other.body, part.body);
    assert.deepEqual(lasting(part.head), lasting(other.head));
  }
  assert.equal(source.gets.length, 1);
  assert.equal(node.stats().Requests, 10);
  assert.equal(node.stats().HitBytes, 3 * (bytes.length + 2 * 70_000));
  assert.equal(node.stats().ActiveAnswers, 0);
  node.store.purge({ prefix: '' });
  for (const socket of sockets) assertBytes((await ask(socket, source.host)).body, bytes);
  assert.ok(source.gets.length > 1, 'fetched again after the purge');
  for (const socket of sockets) socket.destroy();
  await node.close();
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  assert.equal(lines.length, 13);
  assert.equal(lines.filter((line) => line.includes('" 206 70000 "-"')).length, 6);
});

test('a purge in the middle of an answer costs the client nothing', async (t) => {
  const { source, node } = await sourceAndNode(t, { workers: 2 });
  const bytes = randomBytesOf(24 * MiB);
  source.put('/file', { bytes });
  await get(node, source, '/file');
  await filled(node);
  const socket = rawConnect(node.url);
  socket.write(`GET /file HTTP/1.1\r\nHost: ${source.host}\r\nConnection: close\r\n\r\n`);
  await until(() => node.stats().HitBytes > 0);
  node.store.purge({ prefix: '' });
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  const answer = Buffer.concat(chunks);
  assertBytes(answer.subarray(answer.indexOf('\r\n\r\n') + 4), bytes);
});

test('the egress limit holds over all workers', async (t) => {
  const { source, node } = await sourceAndNode(t, { workers: 2, maxAllowableEgressInMbps: 64 });
  const bytes = randomBytesOf(MiB);
  source.put('/file', { bytes });
  await get(node, source, '/file');
  await filled(node);
  const began = performance.now();
  for (const { body } of await Promise.all([0, 1, 2].map(() => get(node, source, '/file')))) {
    assertBytes(body, bytes);
  }
  // 8 MB/s, a burst of 0.4 MB.
  assert.ok(performance.now() - began > 290);
});
