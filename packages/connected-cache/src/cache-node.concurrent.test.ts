import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertBytes, filled, get, KiB, randomBytesOf, sourceAndNode } from './testing/harness.ts';

const pieceSize = 16 * KiB;

test('any overlapping ranges at once give the right bytes, and cost each byte once', async (t) => {
  const tuning = { pieceSize, runPieces: 5, segmentPieces: 3 };
  const { source, node } = await sourceAndNode(t, { tuning });
  let count = 0;
  const range = fc.record({ start: fc.nat(999), length: fc.integer({ min: 1, max: 999 }) });
  const groups = fc.array(fc.array(range, { minLength: 1, maxLength: 12 }), {
    minLength: 1,
    maxLength: 3,
  });
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 30 * pieceSize }),
    fc.boolean(),
    groups,
    async (length, ranges, all) => {
      const path = `/${count++}`;
      const bytes = randomBytesOf(length);
      source.put(path, { bytes, ranges });
      const before = source.sent;
      const wanted = new Set<number>();
      for (const group of all) {
        await Promise.all(
          group.map(async ({ start: s, length: l }) => {
            const start = Math.floor((length * s) / 1000);
            const end = Math.min(length, start + Math.ceil((length * l) / 1000));
            for (let p = Math.floor(start / pieceSize); p * pieceSize < end; p++) wanted.add(p);
            const headers = { range: `bytes=${start}-${end - 1}` };
            const { status, body } = await get(node, source, path, { headers });
            assert.equal(status, 206);
            assertBytes(body, bytes.subarray(start, end));
          }),
        );
        await filled(node);
      }
      const sent = source.sent - before;
      const cost = [...wanted].reduce(
        (sum, p) => sum + Math.min(pieceSize, length - p * pieceSize),
        0,
      );
      if (ranges) assert.equal(sent, cost);
      else assert.ok(sent >= cost, 'a stream that nobody wants to its end is broken off');
    },
  );
  await fc.assert(property, { numRuns: 60 });
});
