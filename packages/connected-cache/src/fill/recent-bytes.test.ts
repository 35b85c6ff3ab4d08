import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecentBytes } from './recent-bytes.ts';

test('finds exactly the bytes it holds, with gaps, and lets go of none that is not written', () => {
  const chunk = fc.record({ gap: fc.nat(3), length: fc.integer({ min: 1, max: 40_000 }) });
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 80 }), fc.nat(100), (chunks, percent) => {
      const recent = new RecentBytes();
      const held: { start: number; bytes: Uint8Array }[] = [];
      let at = 0;
      for (const { gap, length } of chunks) {
        at += gap;
        const bytes = new Uint8Array(length).fill(at % 251);
        recent.push(at, bytes);
        held.push({ start: at, bytes });
        at += length;
      }
      const written = Math.floor((at * percent) / 100);
      recent.trim(written);
      for (const { start, bytes } of held) {
        for (const offset of [start, start + bytes.length - 1]) {
          const found = recent.at(offset);
          if (start + bytes.length > written) assert.ok(found, 'unwritten bytes are kept');
          if (found) assert.deepEqual(found, bytes.subarray(offset - start));
        }
        const next = held.find((c) => c.start >= start + bytes.length);
        if (next && next.start > start + bytes.length) {
          assert.equal(recent.at(start + bytes.length), undefined, 'a gap');
        }
      }
      assert.equal(recent.at(at), undefined);
    }),
  );
});

test('keeps no more than its window of what is written', () => {
  const recent = new RecentBytes();
  for (let i = 0; i < 100; i++) recent.push(i * 65536, new Uint8Array(65536));
  recent.trim(100 * 65536);
  assert.equal(recent.at(83 * 65536), undefined);
  assert.ok(recent.at(84 * 65536));
  for (let i = 0; i < 5000; i++) recent.push(100 * 65536 + i, new Uint8Array(1));
  recent.trim(200 * 65536);
  assert.equal(recent.at(99 * 65536), undefined);
  assert.ok(recent.at(100 * 65536 + 4999));
});
