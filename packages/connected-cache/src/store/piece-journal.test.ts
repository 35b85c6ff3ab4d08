import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeEntries, type JournalEntry, replayJournal } from './piece-journal.ts';

const crc = fc.integer({ min: 0, max: 0xffffffff });
const entry = fc.record({ piece: fc.nat(99), crc: fc.option(crc, { nil: undefined }) });

function played(entries: readonly JournalEntry[]): Map<number, number> {
  const map = new Map<number, number>();
  for (const { piece, crc: value } of entries) {
    if (value === undefined) map.delete(piece);
    else map.set(piece, value);
  }
  return map;
}

test('says after any cut what the whole entries before it said', () => {
  fc.assert(
    fc.property(fc.array(entry), fc.nat(2000), (entries, cut) => {
      const bytes = encodeEntries(entries);
      const left = bytes.subarray(0, cut);
      const whole = Math.min(entries.length, Math.floor(cut / 12));
      const replay = replayJournal(left, 100);
      assert.deepEqual(replay.crcs, played(entries.slice(0, whole)));
      assert.equal(replay.whole, left.length % 12 === 0);
    }),
  );
});

test('believes nothing from the first damaged entry on', () => {
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 1 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (entries, at, flip) => {
        const bytes = encodeEntries(entries);
        const byte = at % bytes.length;
        bytes[byte]! ^= flip;
        const replay = replayJournal(bytes, 100);
        assert.deepEqual(replay.crcs, played(entries.slice(0, Math.floor(byte / 12))));
        assert.equal(replay.whole, false);
      },
    ),
  );
});

test('takes a piece that the object does not have for damage', () => {
  const bytes = encodeEntries([
    { piece: 3, crc: 1 },
    { piece: 10, crc: 1 },
  ]);
  assert.deepEqual([...replayJournal(bytes, 10).crcs], [[3, 1]]);
});
