import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../testing/harness.ts';
import { openKernelFiles } from './kernel-files.ts';

const kernel = await openKernelFiles();
const options = { skip: kernel ? false : 'not on this system' };

test('reads and sends the bytes that were asked for', options, async (t) => {
  const content = randomBytes(300_000);
  const file = await open(join(await temporaryFolder(t), 'file'), 'w+');
  t.after(() => file.close());
  await file.write(content);
  const into = Buffer.alloc(70_000);
  assert.equal(kernel!.readNow(file.fd, into.subarray(10, 60_010), 1234), 60_000);
  assert.ok(into.subarray(10, 60_010).equals(content.subarray(1234, 61_234)));
  assert.ok(into.subarray(0, 10).equals(Buffer.alloc(10)), 'nothing before');
  assert.ok(into.subarray(60_010).equals(Buffer.alloc(9_990)), 'nothing behind');
  assert.equal(kernel!.readNow(file.fd, into, content.length), 0, 'past the end');
  assert.equal(kernel!.readNow(-1, into, 0), 0, 'no file');
  assert.ok(kernel!.inMemory(file.fd, 0, content.length));
  assert.ok(!kernel!.inMemory(file.fd, 0, content.length + 1), 'longer than the file');
  await kernel!.prefetch(file.fd, 0, content.length);

  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const client = connect(port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  const sent = kernel!.send(fd, file.fd, 777, 50_000);
  assert.ok(sent > 0 && sent <= 50_000, `${sent}`);
  socket.end();
  const chunks: Buffer[] = [];
  for await (const chunk of client) chunks.push(chunk);
  assert.ok(Buffer.concat(chunks).equals(content.subarray(777, 777 + sent)));
  assert.equal(kernel!.send(-1, file.fd, 0, 10), 0, 'no socket');
});
