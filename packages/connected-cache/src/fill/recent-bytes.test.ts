import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Block } from './block.ts';
import { RecentBytes } from './recent-bytes.ts';

const KiB = 1024;

function blockOf(bytes: Buffer, released: () => void = () => {}): Block {
  return new Block({ bytes, release: released });
}

test('finds exactly the bytes it holds, with gaps, and lets go of none that is not written', () => {
  const part = fc.record({ skip: fc.nat(300), sizes: fc.array(fc.integer({ min: 1, max: 99 })) });
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const recent = new RecentBytes();
      const all = new Map<number, number>();
      let at = 0;
      for (const { skip, sizes } of parts) {
        at += skip;
        const block = blockOf(Buffer.alloc(sizes.reduce((sum, n) => sum + n, 0)));
        let used = 0;
        for (const size of sizes) {
          const bytes = block.bytes.subarray(used, used + size);
          for (let i = 0; i < size; i++) bytes[i] = (at + i) % 251;
          for (let i = 0; i < size; i++) all.set(at + i, (at + i) % 251);
          recent.push(at, bytes, block);
          used += size;
          at += size;
        }
        recent.trim(at);
      }
      for (let offset = 0; offset <= at + 1; offset++) {
        const found = recent.at(offset);
        assert.equal(found?.bytes[0], all.get(offset));
        for (let i = 0; i < (found?.bytes.length ?? 0); i++) {
          assert.equal(found!.bytes[i], all.get(offset + i));
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('keeps no more than its window of what is written, and gives each block back once', () => {
  const recent = new RecentBytes();
  let released = 0;
  const size = 256 * KiB;
  for (let i = 0; i < 10; i++) {
    const block = blockOf(Buffer.alloc(size), () => released++);
    recent.push(i * size, block.bytes, block);
    recent.trim(2 * size);
  }
  assert.equal(released, 2, 'the rest is not written');
  recent.trim(10 * size);
  assert.equal(released, 6);
  const last = recent.at(9 * size)!;
  const release = last.block.use();
  recent.clear();
  assert.equal(released, 9, 'one is still in use');
  release();
  release();
  assert.equal(released, 10);
  assert.equal(recent.at(9 * size), undefined);
});
