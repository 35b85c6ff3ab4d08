import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { test } from 'node:test';
import { readingInto } from './accepted-socket.ts';

test('an accepted connection reads into own buffers from then on', async () => {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const arrived = once(server, 'connection');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [raw] = (await arrived) as [Socket];
  const own = new Uint8Array(8);
  const got: string[] = [];
  const moved = readingInto(raw, {
    buffer: () => own,
    callback(n, buffer) {
      assert.equal(buffer, own);
      got.push(Buffer.from(buffer.subarray(0, n)).toString());
      return true;
    },
  });
  assert.ok(moved, 'this Node can do it');
  assert.notEqual(moved, raw);
  assert.equal(moved.remoteAddress, '127.0.0.1');
  moved.resume();
  moved.on('end', () => moved.destroy());
  client.write('hello');
  moved.write('answer');
  const [answer] = await once(client, 'data');
  assert.equal(String(answer), 'answer');
  client.end(' and bye');
  await once(moved, 'close');
  assert.equal(got.join(''), 'hello and bye');
  server.close();
  await once(server, 'close');
});

test('a socket without the handle it needs stays as it is', () => {
  const raw = new Socket();
  assert.equal(
    readingInto(raw, { buffer: () => new Uint8Array(1), callback: () => true }),
    undefined,
  );
  Reflect.set(raw, '_handle', {});
  assert.equal(
    readingInto(raw, { buffer: () => new Uint8Array(1), callback: () => true }),
    undefined,
  );
  assert.deepEqual(Reflect.get(raw, '_handle'), {});
  Reflect.set(raw, '_handle', null);
});
