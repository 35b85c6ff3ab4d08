import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import {
  assertBytes,
  filled,
  get,
  MiB,
  randomBytesOf,
  sourceAndNode,
  until,
} from './testing/harness.ts';
import { rawConnect } from './testing/raw-client.ts';

test('a client that takes nothing holds up nobody, and gets the right bytes when it wakes', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(24 * MiB);
  source.put('/file', { bytes });
  const socket = rawConnect(node.url);
  socket.write(`GET /file HTTP/1.1\r\nHost: ${source.host}\r\nConnection: close\r\n\r\n`);
  await until(() => source.sent === bytes.length);
  await filled(node);
  assert.equal(source.sent, bytes.length, 'the fill went on to its end');
  assert.equal(node.stats().CacheBytes, bytes.length);
  assertBytes((await get(node, source, '/file')).body, bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  const answer = Buffer.concat(chunks);
  assertBytes(answer.subarray(answer.indexOf('\r\n\r\n') + 4), bytes);
  assert.equal(source.sent, bytes.length);
});

test('a client that takes nothing has no more fetched for it than it may soon need', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(64 * MiB);
  source.put('/file', { bytes });
  const socket = rawConnect(node.url);
  socket.on('error', () => {});
  socket.write(`GET /file HTTP/1.1\r\nHost: ${source.host}\r\n\r\n`);
  await until(() => source.sent >= 32 * MiB);
  await filled(node);
  assert.ok(source.sent < 50 * MiB, `${source.sent}`);
  socket.destroy();
});

test('a client that takes nothing for too long is cut off', async (t) => {
  const { source, node } = await sourceAndNode(t, { tuning: { clientStallMs: 100 } });
  source.put('/file', { bytes: randomBytesOf(48 * MiB) });
  const socket = rawConnect(node.url);
  socket.on('error', () => {});
  socket.write(`GET /file HTTP/1.1\r\nHost: ${source.host}\r\n\r\n`);
  await until(() => node.stats().ActiveAnswers === 1);
  await until(() => node.stats().ActiveAnswers === 0);
  socket.resume();
  await once(socket, 'close');
});

test('two hundred clients that take nothing leave room for one that does', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(24 * MiB);
  source.put('/file', { bytes });
  await get(node, source, '/file');
  const idle = Array.from({ length: 200 }, () => rawConnect(node.url));
  for (const socket of idle) {
    socket.on('error', () => {});
    socket.write(`GET /file HTTP/1.1\r\nHost: ${source.host}\r\n\r\n`);
  }
  await until(() => node.stats().ActiveAnswers === 200);
  assertBytes((await get(node, source, '/file')).body, bytes);
  for (const socket of idle) socket.destroy();
  await until(() => node.stats().ActiveAnswers === 0);
});
