import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { ManualClock } from '@sluice/protocol';
import { createPieceWorker } from './piece-worker.ts';
import {
  contentOf,
  pieceOf,
  readPiece,
  storeIn,
  temporaryFolder,
  withCode,
} from './store-fixture.ts';

const content = contentOf(8 * 1_048_576, 1_048_576);

test('when the thread dies, writes under way fail clearly and the next one starts a new thread', async (t) => {
  const store = await storeIn(t, await temporaryFolder(t), { trickleBytes: 0 });
  const entry = await store.open(content.verified);
  const started = once(process, 'worker') as Promise<[Worker]>;
  const first = entry.writePiece(0, pieceOf(content, 0), 0);
  const [thread] = await started;
  await Promise.all([first, once(thread, 'message')]);
  const rest = [1, 2, 3, 4, 5, 6].map((i) => entry.writePiece(i, pieceOf(content, i), 0));
  void thread.terminate();
  const results = await Promise.allSettled(rest);
  assert.ok(results.some((r) => r.status === 'rejected'));
  for (const [n, result] of results.entries()) {
    if (result.status === 'rejected') assert.ok(withCode('PieceWorkerLost')(result.reason));
    assert.equal(entry.pieces.has(n + 1), result.status === 'fulfilled');
  }
  assert.equal(await entry.writePiece(7, pieceOf(content, 7), 0), true);
  assert.ok((await readPiece(entry, content, 7)).equals(content.bytes.subarray(7 * 1_048_576)));
});

test('what comes slowly is written without a thread, as strictly as with one', async (t) => {
  const small = contentOf(64 * 16_384, 16_384);
  const clock = new ManualClock();
  const slowly = { trickleBytes: 10 * 16_384, clock };
  const store = await storeIn(t, await temporaryFolder(t), slowly);
  const entry = await store.open(small.verified);
  const threads = threadsOf(t);
  const wrong = pieceOf(small, 1);
  wrong.bytes[0]! ^= 1;
  assert.equal(await entry.writePiece(0, pieceOf(small, 0), 0), true);
  assert.equal(await entry.writePiece(1, wrong, 0), false);
  assert.deepEqual([entry.pieces.count, threads.count], [1, 0]);
  for (let i = 1; i < 32; i++) {
    clock.advance(125);
    assert.equal(await entry.writePiece(i, pieceOf(small, i), 0), true);
  }
  assert.equal(threads.count, 0);
  for (let i = 32; i < 64; i++) {
    assert.equal(await entry.writePiece(i, pieceOf(small, i), 0), true);
  }
  await setImmediate();
  assert.equal(threads.count, 1);
  assert.ok((await readPiece(entry, small, 63)).equals(small.bytes.subarray(63 * 16_384)));
});

test('while the first thread starts nothing waits for it', async (t) => {
  const store = await storeIn(t, await temporaryFolder(t), { trickleBytes: 0 });
  const entry = await store.open(content.verified);
  const started = once(process, 'worker') as Promise<[Worker]>;
  const first = entry.writePiece(0, pieceOf(content, 0), 0);
  const wrong = pieceOf(content, 1);
  wrong.bytes[0]! ^= 1;
  const second = entry.writePiece(1, wrong, 0);
  const [thread] = await started;
  let isOnline = false;
  thread.once('online', () => {
    isOnline = true;
  });
  // It cannot be of use any more.
  void thread.terminate();
  assert.deepEqual([await first, await second, isOnline], [true, false, false]);
  assert.ok((await readPiece(entry, content, 0)).equals(content.bytes.subarray(0, 1_048_576)));
});

/** The threads that start from now on; `over` when all of them have ended. */
function threadsOf(t: TestContext) {
  const ended: Promise<unknown>[] = [];
  const note = (thread: Worker) => ended.push(once(thread, 'exit'));
  process.on('worker', note);
  t.after(() => process.off('worker', note));
  return {
    get count() {
      return ended.length;
    },
    over: () => Promise.all(ended),
    firstOver: () => Promise.race(ended),
  };
}

test('a thread that was not needed for half a minute gets no more to do, and ends after another', async (t) => {
  const small = contentOf(64 * 16_384, 16_384);
  const clock = new ManualClock();
  const store = await storeIn(t, await temporaryFolder(t), { trickleBytes: 2 * 16_384, clock });
  const entry = await store.open(small.verified);
  const threads = threadsOf(t);
  let next = 0;
  const write = async (count: number) => {
    const pieces = Array.from({ length: count }, () => next++);
    await Promise.all(pieces.map((i) => entry.writePiece(i, pieceOf(small, i), 0)));
  };
  await write(6);
  const { count } = threads;
  assert.ok(count > 0);
  clock.advance(29_999);
  await write(3);
  assert.equal(threads.count, count, 'needed again in time');
  // A trickle does not keep it.
  for (let s = 0; s < 60; s += 10) {
    clock.advance(10_000);
    await write(1);
  }
  await threads.over();
  assert.equal(threads.count, count);
  await write(6);
  assert.ok(threads.count > count);
  await store.worker.close();
  await threads.over();
});

test('a thread that has ended is not begun anew while another is idle', async (t) => {
  const small = contentOf(64 * 16_384, 16_384);
  const clock = new ManualClock();
  const store = await storeIn(t, await temporaryFolder(t), { trickleBytes: 0, clock });
  const entry = await store.open(small.verified);
  const threads = threadsOf(t);
  let next = 0;
  const write = () => entry.writePiece(next, pieceOf(small, next++), 0);
  await Promise.all(Array.from({ length: 16 }, write));
  while (threads.count < 2) await Promise.all([write(), write(), write()]);
  // One after the other, all go to the first.
  clock.advance(20_000);
  for (let k = 0; k < 3; k++) await write();
  clock.advance(10_000);
  await threads.firstOver();
  await Promise.all([write(), write()]);
  assert.equal(threads.count, 2);
});

test('closing waits for the writes given, and refuses more', async (t) => {
  const store = await storeIn(t, await temporaryFolder(t));
  const entry = await store.open(content.verified);
  const writing = [0, 1, 2].map((i) => entry.writePiece(i, pieceOf(content, i), 0));
  await setImmediate();
  await store.worker.close();
  assert.deepEqual(await Promise.all(writing), [true, true, true]);
  await assert.rejects(entry.writePiece(3, pieceOf(content, 3), 0), withCode('PieceWorkerLost'));
  await store.worker.close();
});

test('a worker that was never used closes', async () => {
  await using worker = createPieceWorker();
  await worker.close();
});
