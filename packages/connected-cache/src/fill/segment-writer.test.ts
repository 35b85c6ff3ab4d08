import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Segment } from '../store/segment.ts';
import { SegmentWriter } from './segment-writer.ts';

/** A file that takes only so many bytes of each write. */
function stingyFile(most: number) {
  const content = Buffer.alloc(100);
  let writes = 0;
  const writev = async (buffers: Uint8Array[], position: number) => {
    writes++;
    const bytes = Buffer.concat(buffers).subarray(0, most);
    bytes.copy(content, position);
    return { bytesWritten: bytes.length };
  };
  return { content, writev, writes: () => writes };
}

function segmentOf(start: number, file: object): Segment {
  return { start, file: async () => file } as unknown as Segment;
}

test('writes in order to the right files, also when a write takes a part only', async () => {
  const [a, b] = [stingyFile(3), stingyFile(100)];
  const [first, second] = [segmentOf(0, a), segmentOf(10, b)];
  const ends: number[] = [];
  await new Promise<void>((drained) => {
    const failed = () => assert.fail('no write fails');
    const writer = new SegmentWriter({ written: (end) => ends.push(end), drained, failed });
    writer.push(first, 0, Buffer.from('01234'));
    writer.push(first, 5, Buffer.from('56789'));
    writer.push(second, 10, Buffer.from('abc'));
    writer.push(second, 13, Buffer.from('def'));
    writer.push(second, 20, Buffer.from('xyz'));
    assert.equal(writer.queued, 19);
  });
  assert.equal(a.content.toString('latin1', 0, 10), '0123456789');
  assert.equal(b.content.toString('latin1', 0, 13), 'abcdef\0\0\0\0xyz');
  assert.deepEqual(ends, [5, 10, 16, 23]);
  assert.equal(b.writes(), 2, 'what follows on another goes with it');
});

test('stops at the first error', async () => {
  const file = { writev: () => Promise.reject(new Error('full')) };
  const error = await new Promise((failed) => {
    const never = () => assert.fail('nothing was written');
    const writer = new SegmentWriter({ written: never, drained: never, failed });
    writer.push(segmentOf(0, file), 0, Buffer.from('a'));
    writer.push(segmentOf(0, file), 1, Buffer.from('b'));
  });
  assert.equal((error as Error).message, 'full');
});
