import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readFrames } from './frames.ts';
import { decodeFrame, encodeEntries, type IndexEntry } from './index-entries.ts';

const id = fc.nat(2 ** 48 - 1);
const u32 = fc.nat(2 ** 32 - 1);
const at = fc.nat(2 ** 45);
const latin1 = fc.string({
  unit: fc.integer({ min: 32, max: 255 }).map((n) => String.fromCharCode(n)),
});
const state = fc.record({
  id,
  object: id,
  index: u32,
  usedAt: at,
  heat: fc.nat(3),
  proved: fc.boolean(),
  pieces: fc.array(fc.tuple(u32, u32)).map((pairs) => Uint32Array.from(pairs.flat())),
});
const anyEntry = fc.oneof(
  fc.record({ kind: fc.constant('object' as const), id, described: latin1 }),
  fc.record({ kind: fc.constantFrom('objectGone' as const, 'segmentGone' as const), id }),
  fc.record({ kind: fc.constant('segment' as const), id, object: id, index: u32 }),
  fc.record({ kind: fc.constant('used' as const), id, at }),
  fc.record({ kind: fc.constant('piece' as const), id, place: u32, crc: u32 }),
  fc.record({ kind: fc.constant('lost' as const), id, place: u32 }),
  fc.record({ kind: fc.constant('segmentState' as const), state }),
);
// Without the null prototypes that some records have.
const entry: fc.Arbitrary<IndexEntry> = anyEntry.map((one) =>
  'state' in one ? { ...one, state: { ...one.state } } : { ...one },
);

function decode(bytes: Buffer): { entries: IndexEntry[]; whole: number } {
  const entries: IndexEntry[] = [];
  const whole = readFrames(bytes, (type, start, end) =>
    decodeFrame(bytes, type, start, end, (one) => {
      // The pieces of a state are good until the next one.
      entries.push(
        one.kind === 'segmentState'
          ? { ...one, state: { ...one.state, pieces: one.state.pieces.slice() } }
          : one,
      );
    }),
  );
  return { entries, whole };
}

test('reads what was written, in its order', () => {
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const bytes = Buffer.concat(encodeEntries(entries));
      assert.deepEqual(decode(bytes), { entries, whole: bytes.length });
    }),
  );
});

test('after a cut or damage nothing counts but what stands before it', () => {
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 1 }),
      fc.nat(),
      fc.nat(255),
      (entries, where, flip) => {
        const frames = entries.flatMap((one) => encodeEntries([one]));
        const bytes = Buffer.concat(frames);
        const position = where % bytes.length;
        let intact = 0;
        for (let end = 0; intact < frames.length; intact++) {
          end += frames[intact]!.length;
          if (end > position) break;
        }
        const expected = entries.slice(0, intact);
        assert.deepEqual(decode(bytes.subarray(0, position)).entries, expected);
        if (flip === 0) return;
        bytes[position]! ^= flip;
        assert.deepEqual(decode(bytes).entries, expected);
      },
    ),
  );
});
