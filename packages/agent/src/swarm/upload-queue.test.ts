import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSluiceError, ManualClock, PieceMap } from '@sluice/protocol';
import { Throttle } from '../rate/throttle.ts';
import { UploadPace } from '../rate/upload-pace.ts';
import type { BlockPart } from './outbox.ts';
import { until } from './testing/until.ts';
import { partLength, UploadBuffers } from './upload-buffers.ts';
import { UploadQueue } from './upload-queue.ts';

const pieceSize = 1_048_576;
const pieces = 8;

/** A queue over content whose bytes tell where they are from; the test says when parts are taken. */
function setUp(options: { autoTake?: boolean; rate?: number } = {}) {
  const clock = new ManualClock();
  const pace =
    options.rate === undefined
      ? undefined
      : new UploadPace({ limit: new Throttle(clock, options.rate), path: () => undefined });
  const buffers = new UploadBuffers(clock);
  const have = new PieceMap(pieces);
  for (const piece of [0, 1, 2, 3, 7]) have.set(piece);
  const parts: { part: BlockPart; done: (sent: boolean) => void }[] = [];
  const log: string[] = [];
  const state = { sent: 0, stalled: 0, faults: [] as unknown[], readFault: undefined as unknown };
  const queue = new UploadQueue({
    buffers,
    clock,
    pace,
    have,
    onSentAll: () => log.push('sent all'),
    pieceLength: (piece) => (piece === 7 ? 1_000 : pieceSize),
    async read(piece, offset, target) {
      log.push(`read ${piece}+${offset}`);
      if (state.readFault) throw state.readFault;
      target.fill(piece * 16 + offset / partLength);
    },
    send(part, done) {
      log.push(`send ${part.content[0]! >> 4}+${part.content[0]! & 15}`);
      parts.push({ part, done });
      if (options.autoTake) done(true);
    },
    onSent: (bytes) => {
      state.sent += bytes;
    },
    onStalled: () => {
      state.stalled++;
    },
    onFault: (error) => state.faults.push(error),
  });
  return { clock, buffers, have, parts, log, state, queue };
}

const block = (piece: number, offset = 0, length = pieceSize) => ({ piece, offset, length });
const invalid = (e: unknown) => isSluiceError(e, 'InvalidMessage');

describe('UploadQueue', () => {
  it('sends a block in parts: header first, in order, all of it', async () => {
    const { queue, parts, state, buffers } = setUp({ autoTake: true });
    queue.request(block(2, 100, pieceSize - 100));
    await until(() => queue.idle);
    assert.deepEqual(
      parts.map(({ part }) => [part.header?.length, part.content.length, part.last]),
      [
        [13, partLength, false],
        [undefined, partLength, false],
        [undefined, partLength, false],
        [undefined, partLength - 100, true],
      ],
    );
    assert.equal(state.sent, pieceSize - 100);
    assert.equal(buffers.inUse, 0);
  });

  it('serves requests in the order they came, also when they are many', async () => {
    const { queue, log, buffers } = setUp({ autoTake: true });
    for (const piece of [3, 0, 2]) queue.request(block(piece, 0, partLength));
    queue.request(block(7, 0, 1_000));
    await until(() => queue.idle);
    const sends = log.filter((line) => line.startsWith('send'));
    assert.deepEqual(sends, ['send 3+0', 'send 0+0', 'send 2+0', 'send 7+0']);
    assert.equal(buffers.inUse, 0);
  });

  it('reads one part ahead and no more, whatever is asked', async () => {
    const { queue, parts, log, buffers } = setUp();
    for (let i = 0; i < 100; i++) queue.request(block(i % 4));
    await until(() => log.length === 3);
    assert.deepEqual(log, ['read 0+0', 'send 0+0', `read 0+${partLength}`]);
    assert.equal(buffers.inUse, 2);
    parts[0]!.done(true);
    await until(() => log.length === 5);
    assert.equal(buffers.inUse, 2);
    queue.close();
    parts[1]!.done(false);
    await until(() => queue.idle);
    assert.equal(buffers.inUse, 0);
  });

  it('under a limit sends small parts at its pace, and holds no buffer while it waits', async () => {
    const { queue, parts, state, buffers, clock } = setUp({ autoTake: true, rate: 1e6 });
    queue.request(block(2));
    for (let ms = 0; ms < 1_000; ms += 10) {
      await until(() => buffers.inUse === 0);
      clock.advance(10);
    }
    await until(() => buffers.inUse === 0);
    assert.ok(Math.abs(state.sent - 1e6) < 60_000, `${state.sent}`);
    assert.ok(parts.every(({ part }) => part.content.length <= 10_000));
    clock.advance(1_000);
    for (let i = 0; i < 10 && !queue.idle; i++) {
      await until(() => buffers.inUse === 0);
      clock.advance(100);
    }
    await until(() => queue.idle);
    assert.equal(state.sent, pieceSize);
    assert.equal(parts.at(-1)!.part.last, true);
    assert.equal(parts.filter(({ part }) => part.header || part.last).length, 2);
    assert.deepEqual(state.faults, []);
  });

  it('closed while it waits for its turn, it ends: no fault, no timer', async () => {
    const { queue, state, buffers, clock } = setUp({ autoTake: true, rate: 10_000 });
    queue.request(block(2));
    await until(() => clock.pending === 1);
    queue.close();
    await until(() => queue.idle);
    assert.equal(clock.pending, 0);
    assert.equal(buffers.inUse, 0);
    assert.deepEqual(state.faults, []);
  });

  it('refuses what cannot be served', () => {
    const { queue } = setUp();
    const wrong = [
      block(4),
      block(8),
      block(0xffff_ffff),
      block(0, 0, 0),
      block(0, 1),
      block(0, pieceSize, 1),
      block(7, 0, 1_001),
      block(0, 0, 2_048_000),
      block(0, 0xffff_ffff, 0xffff_ffff),
    ];
    for (const each of wrong) assert.throws(() => queue.request(each), invalid);
    assert.equal(queue.idle, true);
  });

  it('takes 512 requests that wait, then calls it a flood', () => {
    const { queue } = setUp();
    for (let i = 0; i < 513; i++) queue.request(block(0, 0, 16));
    assert.throws(() => queue.request(block(0, 0, 16)), invalid);
  });

  it('drops what is cancelled, also while it is being read', async () => {
    const { queue, log, parts, buffers, state } = setUp();
    queue.request(block(0, 0, 16));
    queue.request(block(1, 0, 16));
    queue.request(block(2, 0, 16));
    queue.request(block(1, 16, 16));
    queue.cancel(block(0, 0, 16));
    queue.cancel(block(1, 0, 16));
    queue.cancel(block(3, 0, 16));
    await until(() => parts.length === 1);
    parts[0]!.done(true);
    await until(() => parts.length === 2);
    parts[1]!.done(true);
    await until(() => queue.idle);
    assert.deepEqual(
      log.filter((line) => line.startsWith('send')),
      ['send 2+0', 'send 1+0'],
    );
    assert.equal(state.sent, 32);
    assert.equal(buffers.inUse, 0);
  });

  it('finishes a block of which a part was sent, and drops the rest, when it chokes', async () => {
    const { queue, parts } = setUp();
    queue.request(block(0, 0, partLength + 16));
    queue.request(block(1, 0, 16));
    await until(() => parts.length === 1);
    queue.clear();
    parts[0]!.done(true);
    await until(() => parts.length === 2);
    assert.equal(parts[1]!.part.last, true);
    parts[1]!.done(true);
    await until(() => queue.idle);
    assert.equal(parts.length, 2);
    queue.request(block(2, 0, 16));
    await until(() => parts.length === 3);
  });

  it('does not count what was not sent', async () => {
    const { queue, parts, state, buffers } = setUp();
    queue.request(block(0, 0, 16));
    await until(() => parts.length === 1);
    queue.close();
    parts[0]!.done(false);
    await until(() => queue.idle);
    assert.equal(state.sent, 0);
    assert.equal(buffers.inUse, 0);
    queue.request(block(0, 0, 16));
    assert.equal(queue.idle, true, 'nothing is taken on any more');
  });

  it('reports a read that fails, and keeps no buffer', async () => {
    const { queue, parts, state, buffers } = setUp();
    queue.request(block(0));
    await until(() => parts.length === 1);
    state.readFault = new Error('disk');
    parts[0]!.done(true);
    // Told at once, though a part is still being sent.
    await until(() => state.faults.length === 1);
    queue.close();
    for (const { done } of parts.slice(1)) done(false);
    await until(() => queue.idle);
    assert.ok(parts.length <= 2, 'what was read before it was sent still');
    assert.equal(buffers.inUse, 0);
  });

  it('has a peer dropped that takes nothing for a minute', async () => {
    const { queue, parts, state, clock } = setUp();
    queue.checkStall();
    queue.request(block(0));
    await until(() => parts.length === 1);
    clock.advance(59_999);
    queue.checkStall();
    assert.equal(state.stalled, 0);
    parts[0]!.done(true);
    await until(() => parts.length === 2);
    clock.advance(59_999);
    queue.checkStall();
    assert.equal(state.stalled, 0);
    clock.advance(1);
    queue.checkStall();
    assert.equal(state.stalled, 1);
  });

  it('has a peer dropped that sits on buffers others wait for', async () => {
    const slow = setUp();
    const others = Array.from({ length: 62 }, () => slow.buffers.acquire({ evict: () => {} }));
    await Promise.all(others);
    slow.queue.request(block(0));
    await until(() => slow.buffers.inUse === 64);
    slow.clock.advance(1_000);
    const waiting = slow.buffers.acquire({ evict: () => {} });
    slow.clock.advance(5_000 + 62 * 100);
    assert.ok(slow.state.stalled > 0);
    slow.queue.close();
    slow.parts[0]!.done(false);
    await waiting;
  });
});
