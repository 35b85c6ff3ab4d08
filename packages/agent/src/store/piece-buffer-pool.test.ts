import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { createPieceBufferPool, type PieceBuffer } from './piece-buffer-pool.ts';
import { withCode } from './store-fixture.ts';

const pieceSize = 16_384;

test('hands out as many buffers as fit below the ceiling, each of one piece, and reuses them', () => {
  const pool = createPieceBufferPool({ pieceSize, maxBytes: 3 * pieceSize + 1 });
  assert.equal(pool.capacity, 3);
  const out = [pool.acquire()!, pool.acquire()!, pool.acquire()!];
  assert.equal(new Set(out.map((b) => b.bytes.buffer)).size, 3);
  assert.ok(
    out.every((b) => b.bytes.length === pieceSize && b.bytes.buffer.byteLength === pieceSize),
  );
  assert.equal(pool.acquire(), undefined);
  assert.equal(pool.inUse, 3);
  pool.release(out[1]!);
  assert.equal(pool.acquire()?.bytes.buffer, out[1]!.bytes.buffer);
});

test('holds back while too many full ones wait for the disk', async () => {
  const pool = createPieceBufferPool({ pieceSize, maxBytes: 8 * pieceSize, maxFull: 2 });
  const [a, b, c] = [pool.acquire()!, pool.acquire()!, pool.acquire()!];
  pool.full(a);
  const d = pool.acquire();
  assert.ok(d, 'one may wait');
  pool.full(b);
  assert.equal(pool.acquire(), undefined);
  pool.release(c);
  assert.equal(pool.acquire(), undefined, 'it was not full');
  const turn = pool.whenAvailable();
  pool.release(a);
  await turn;
  assert.ok(pool.acquire());
});

test('refuses a ceiling below one piece, and a buffer given back twice', () => {
  for (const maxBytes of [pieceSize - 1, 0, Number.NaN]) {
    assert.throws(
      () => createPieceBufferPool({ pieceSize, maxBytes }),
      withCode('InvalidArgument'),
    );
  }
  const pool = createPieceBufferPool({ pieceSize, maxBytes: pieceSize });
  const buffer = pool.acquire()!;
  pool.release(buffer);
  assert.throws(() => pool.release(buffer), withCode('Internal'));
});

test('serves those who wait in order, and nobody overtakes them', async () => {
  const pool = createPieceBufferPool({ pieceSize, maxBytes: 2 * pieceSize });
  const held = [pool.acquire()!, pool.acquire()!];
  const served: number[] = [];
  const waiting = [0, 1, 2, 3].map(async (i) => {
    await pool.whenAvailable();
    held.push(pool.acquire()!);
    served.push(i);
  });
  pool.release(held.shift()!);
  await setImmediate();
  assert.deepEqual(served, [0]);
  assert.equal(pool.acquire(), undefined);
  while (held.length > 0) {
    pool.release(held.shift()!);
    await setImmediate();
  }
  await Promise.all(waiting);
  assert.deepEqual(served, [0, 1, 2, 3]);
});

test('a waiter that gives up, or never acquires, leaves its turn to the next', async () => {
  const pool = createPieceBufferPool({ pieceSize, maxBytes: pieceSize });
  const buffer = pool.acquire()!;
  const controller = new AbortController();
  const first = pool.whenAvailable(controller.signal);
  const second = pool.whenAvailable();
  const third = pool.whenAvailable();
  controller.abort();
  await assert.rejects(first, withCode('Cancelled'));
  await assert.rejects(pool.whenAvailable(controller.signal), withCode('Cancelled'));
  pool.release(buffer);
  await second;
  await third;
  assert.equal(pool.acquire()?.bytes.buffer, buffer.bytes.buffer);
});

test('never exceeds the ceiling and serves everyone, in any order of events', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.nat(3), { maxLength: 60 }),
      async (capacity, events) => {
        const pool = createPieceBufferPool({ pieceSize, maxBytes: capacity * pieceSize });
        const held: PieceBuffer[] = [];
        const take = (buffer: PieceBuffer) => {
          assert.ok(held.every((h) => h.bytes.buffer !== buffer.bytes.buffer));
          held.push(buffer);
        };
        const waiting: Promise<void>[] = [];
        const wait = async () => {
          let buffer: PieceBuffer | undefined;
          while (!buffer) {
            await pool.whenAvailable();
            buffer = pool.acquire();
          }
          take(buffer);
        };
        for (const event of events) {
          const free = event === 0 ? pool.acquire() : undefined;
          if (free) take(free);
          if (event === 1) waiting.push(wait());
          if (event === 2 && held.length > 0) pool.release(held.shift()!);
          if (event === 3) await setImmediate();
          assert.ok(held.length <= capacity);
        }
        let ended = false;
        const all = Promise.all(waiting).then(() => {
          ended = true;
        });
        while (!ended) {
          if (held.length > 0) pool.release(held.shift()!);
          await setImmediate();
        }
        await all;
      },
    ),
    { numRuns: 200, seed: 3 },
  );
});
