import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { Outlet } from './outlet.ts';

/** A client whose taking of bytes, and whose silence, the test decides. */
class FakeResponse extends EventEmitter {
  destroyed = false;
  closed = false;
  readonly writes: { length: number; taken: (error?: Error) => void }[] = [];
  onTimeout: (() => void) | undefined;
  timers = 0;

  write({ length }: Uint8Array, taken: () => void): boolean {
    this.writes.push({ length, taken });
    return false;
  }

  setTimeout(_ms: number, fn?: () => void): void {
    this.timers++;
    this.onTimeout = fn ?? this.onTimeout;
  }

  destroy(): void {
    this.destroyed = true;
    this.closed = true;
    this.emit('close');
  }
}

function setUp() {
  const response = new FakeResponse();
  const clock = new ManualClock();
  const outlet = new Outlet(response as unknown as ServerResponse, clock, 1000);
  let released = 0;
  const write = (length: number) => outlet.write(new Uint8Array(length), () => released++);
  const take = (ms: number) => {
    clock.advance(ms);
    response.writes.shift()!.taken();
  };
  return { response, outlet, write, take, released: () => released };
}

test('holds two writes, and gives back what is taken', async () => {
  const { outlet, write, take, released } = setUp();
  write(10);
  assert.ok(outlet.hasRoom);
  write(10);
  assert.ok(!outlet.hasRoom);
  const room = outlet.room();
  take(1);
  await room;
  assert.equal(released(), 1);
});

test('finds out how much is good for one write', () => {
  const { outlet, write, take } = setUp();
  const sizes = [outlet.size];
  for (const ms of [10, 10, 10, 500, 2000, 2000, 10]) {
    write(outlet.size);
    take(ms);
    sizes.push(outlet.size);
  }
  assert.deepEqual(
    sizes.map((size) => size / 1024),
    [256, 512, 1024, 1024, 1024, 64, 64, 128],
  );
  write(10);
  take(1);
  assert.equal(outlet.size, 128 * 1024, 'a small write says nothing');
});

test('cuts off who takes nothing, not who waits for bytes', () => {
  const { response, write, take, released } = setUp();
  response.onTimeout!();
  assert.ok(!response.destroyed);
  assert.equal(response.timers, 2, 'it is watched on');
  write(10);
  take(10);
  response.onTimeout!();
  assert.ok(!response.destroyed);
  write(10);
  response.onTimeout!();
  assert.ok(response.destroyed);
  assert.equal(released(), 2);
});

test('gives everything back when the client goes, once', async () => {
  const { response, outlet, write, take, released } = setUp();
  write(10);
  write(10);
  const room = outlet.room();
  response.destroy();
  await room;
  assert.equal(released(), 2);
  take(1);
  write(10);
  assert.equal(released(), 3, 'what is written too late comes back at once');
  assert.equal(response.writes.length, 1);
});
