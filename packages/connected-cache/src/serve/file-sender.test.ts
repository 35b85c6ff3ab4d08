import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { temporaryFolder } from '../testing/harness.ts';
import { FileSender, type SendingKernel } from './file-sender.ts';
import type { Outlet } from './outlet.ts';

const fd = 77;

/** A socket in memory whose room the test decides, and a kernel that sends to it. */
class FakeClient implements SendingKernel {
  readonly received: Buffer[] = [];
  readonly rooms: number[];
  inMemoryNow = true;
  prefetched = 0;
  closed = false;
  handle: { fd: number } | null = { fd };
  waiting = 0;
  onWait = () => {};

  constructor(rooms: number[]) {
    this.rooms = rooms;
  }

  send(socket: number, file: number, offset: number, length: number): number {
    assert.equal(socket, this.handle?.fd, 'a descriptor that is open');
    const taken = Math.min(length, this.rooms.shift() ?? length);
    const bytes = Buffer.alloc(taken);
    if (taken > 0) assert.equal(readSync(file, bytes, 0, taken, offset), taken);
    this.received.push(bytes);
    return taken;
  }

  readNow(): number {
    return 0;
  }

  inMemory(): boolean {
    return this.inMemoryNow;
  }

  queued(): number {
    return 0;
  }

  async prefetch(_file: number, _offset: number, length: number): Promise<void> {
    this.prefetched += length;
    this.onWait();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.received);
  }

  sender(): FileSender {
    const socket = { destroyed: false };
    Object.defineProperty(socket, '_handle', { get: () => this.handle });
    const client = this;
    const response = {
      socket,
      get writableLength() {
        return client.waiting;
      },
    };
    const outlet = {
      get closed() {
        return client.closed;
      },
      pass: (few: Uint8Array) => {
        this.received.push(Buffer.from(few));
        this.onWait();
      },
    };
    return new FileSender(
      response as unknown as ServerResponse,
      outlet as unknown as Outlet,
      this,
      undefined,
    );
  }
}

async function runOf(t: TestContext, content: Buffer) {
  const path = join(await temporaryFolder(t), 'file');
  const file = await open(path, 'w+');
  t.after(() => file.close());
  await file.write(content);
  return (offset: number, length: number) => ({ file, offset, length, hit: true, release() {} });
}

test('every byte leaves once and in order, whatever the client takes at a time', async (t) => {
  const content = randomBytes(3 * 1024 * 1024);
  const run = await runOf(t, content);
  const room = fc.oneof(fc.nat(20_000), fc.nat(1_200_000), fc.constant(0));
  await fc.assert(
    fc.asyncProperty(
      fc.array(room, { maxLength: 30 }),
      fc.nat(content.length - 1),
      fc.boolean(),
      async (rooms, offset, inMemory) => {
        const client = new FakeClient(rooms);
        client.inMemoryNow = inMemory;
        let told = 0;
        const length = content.length - offset;
        const sender = client.sender();
        while (told < length) {
          const more = await sender.send(run(offset + told, length - told), (n) => {
            told += n;
          });
          assert.ok(more);
        }
        assert.equal(told, length);
        assert.ok(client.bytes.equals(content.subarray(offset)));
        assert.equal(client.prefetched > 0, !inMemory);
      },
    ),
    { numRuns: 60 },
  );
});

test('does not touch a socket that closed while it waited', async (t) => {
  const run = await runOf(t, randomBytes(3 * 1024 * 1024));
  for (const inMemory of [true, false]) {
    const client = new FakeClient([1000]);
    client.inMemoryNow = inMemory;
    client.onWait = () => {
      client.handle = null;
    };
    const sender = client.sender();
    await sender.send(run(0, 2_000_000), () => {});
    assert.equal(await sender.send(run(5096, 2_000_000), () => {}), false);
    assert.ok(client.bytes.length <= 1000 + 4096);
  }
});

test('sends nothing past bytes that wait in Node, and leaves what cannot be read to others', async (t) => {
  const content = randomBytes(100_000);
  const run = await runOf(t, content);
  const full = new FakeClient([]);
  full.waiting = 1;
  assert.equal(await full.sender().send(run(0, 1000), () => {}), false);
  assert.equal(full.bytes.length, 0);
  // The file ends before the run does: the kernel takes nothing, and no byte is made up.
  const short = new FakeClient([50_000, 0]);
  assert.ok(await short.sender().send(run(50_000, 50_000), () => {}));
  assert.equal(await short.sender().send(run(100_000, 50_000), () => {}), false);
  assert.ok(short.bytes.equals(content.subarray(50_000)));
});
