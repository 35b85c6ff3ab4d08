import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSluiceError, ManualClock } from '@sluice/protocol';
import { partLength, UploadBuffers } from './upload-buffers.ts';

class Holder {
  evictions = 0;
  evict(): void {
    this.evictions++;
  }
}

async function takeAll(buffers: UploadBuffers, holder: Holder): Promise<Uint8Array[]> {
  return Promise.all(Array.from({ length: 64 }, () => buffers.acquire(holder)));
}

describe('UploadBuffers', () => {
  it('gives 16 MiB out, and the same memory again', async () => {
    const buffers = new UploadBuffers(new ManualClock());
    const held = await takeAll(buffers, new Holder());
    assert.equal(buffers.inUse * partLength, 16 * 1_048_576);
    assert.equal(new Set(held).size, held.length);
    for (const buffer of held) buffers.release(buffer);
    assert.equal(buffers.inUse, 0);
    const again = await takeAll(buffers, new Holder());
    assert.ok(again.every((buffer) => held.includes(buffer)));
  });

  it('serves who waits in order', async () => {
    const buffers = new UploadBuffers(new ManualClock());
    const holder = new Holder();
    const held = await takeAll(buffers, holder);
    const order: number[] = [];
    const waiting = [1, 2].map(async (n) => {
      await buffers.acquire(holder);
      order.push(n);
    });
    buffers.release(held[0]!);
    buffers.release(held[1]!);
    await Promise.all(waiting);
    assert.deepEqual(order, [1, 2]);
    assert.equal(buffers.inUse, 64);
  });

  it('throws when a buffer is given back twice', async () => {
    const buffers = new UploadBuffers(new ManualClock());
    const buffer = await buffers.acquire(new Holder());
    buffers.release(buffer);
    assert.throws(
      () => buffers.release(buffer),
      (e) => isSluiceError(e, 'Internal'),
    );
  });

  it('turns out who has held one longest, but only while others wait', async () => {
    const clock = new ManualClock();
    const buffers = new UploadBuffers(clock);
    const [slow, brisk, late] = [new Holder(), new Holder(), new Holder()];
    const stuck = await buffers.acquire(slow);
    clock.advance(4_000);
    const rest = await Promise.all(Array.from({ length: 63 }, () => buffers.acquire(brisk)));
    clock.advance(60_000);
    assert.equal(slow.evictions, 0);
    const waiting = buffers.acquire(late);
    clock.advance(0);
    assert.deepEqual([slow.evictions, brisk.evictions], [1, 0]);
    clock.advance(99);
    assert.equal(brisk.evictions, 0, 'one at a time');
    buffers.release(stuck);
    assert.equal(await waiting, stuck);
    assert.equal(clock.pending, 0);
    for (const buffer of [stuck, ...rest]) buffers.release(buffer);
  });

  it('goes on with the next holder when the first does not let go', async () => {
    const clock = new ManualClock();
    const buffers = new UploadBuffers(clock);
    const holders = [new Holder(), new Holder()];
    const first = await buffers.acquire(holders[0]!);
    await Promise.all(Array.from({ length: 63 }, () => buffers.acquire(holders[1]!)));
    const waiting = buffers.acquire(new Holder());
    clock.advance(4_999);
    assert.equal(holders[0]!.evictions, 0);
    clock.advance(1);
    assert.deepEqual(
      holders.map((h) => h.evictions),
      [1, 0],
    );
    clock.advance(100);
    assert.deepEqual(
      holders.map((h) => h.evictions),
      [1, 1],
    );
    buffers.release(first);
    await waiting;
  });
});
