import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSluiceError } from '../errors/index.ts';
import { PieceMap } from './piece-map.ts';

test('agrees with a set of numbers under any sequence of set and clear', () => {
  const op = fc.record({ set: fc.boolean(), at: fc.nat(99) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.array(op), (length, ops) => {
      const map = new PieceMap(length);
      const model = new Set<number>();
      for (const { set, at } of ops) {
        const i = at % length;
        assert.equal(set ? map.set(i) : map.clear(i), set ? !model.has(i) : model.has(i));
        if (set) model.add(i);
        else model.delete(i);
        assert.equal(map.count, model.size);
      }
      const sorted = [...model].sort((a, b) => a - b);
      for (let i = 0; i < length; i++) {
        assert.equal(map.has(i), model.has(i));
        assert.equal(map.nextSet(i), sorted.find((p) => p >= i) ?? -1);
      }
      assert.equal(map.complete, model.size === length);
      assert.deepEqual(
        PieceMap.fromBitfield(map.toBitfield(), length).toBitfield(),
        map.toBitfield(),
      );
    }),
  );
});

test('nextClear, firstInBoth and firstNotIn find what a plain loop finds', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 1 }), (bits) => {
      const a = new PieceMap(bits.length);
      const b = new PieceMap(bits.length);
      bits.forEach(([x, y], i) => {
        if (x) a.set(i);
        if (y) b.set(i);
      });
      for (let from = 0; from <= bits.length; from++) {
        assert.equal(
          a.nextClear(from),
          bits.findIndex(([x], i) => i >= from && !x),
        );
        assert.equal(
          a.firstInBoth(b, from),
          bits.findIndex(([x, y], i) => i >= from && x && y),
        );
        assert.equal(
          a.firstNotIn(b, from),
          bits.findIndex(([x, y], i) => i >= from && x && !y),
        );
        assert.equal(a.firstNotIn(new PieceMap(0), from), a.nextSet(from));
      }
    }),
  );
});

test('bit 7 of byte 0 is piece 0', () => {
  const map = new PieceMap(10);
  map.set(0);
  map.set(9);
  assert.deepEqual([...map.toBitfield()], [0x80, 0x40]);
});

test('full has every piece and no spare bit', () => {
  for (const length of [1, 31, 32, 33, 64, 100]) {
    const map = PieceMap.full(length);
    assert.ok(map.complete);
    assert.equal(map.nextClear(0), -1);
    assert.equal(PieceMap.fromBitfield(map.toBitfield(), length).count, length);
  }
});

test('refuses a bitfield of the wrong size or with spare bits', () => {
  const invalid = (e: unknown) => isSluiceError(e, 'InvalidMessage');
  assert.throws(() => PieceMap.fromBitfield(new Uint8Array(1), 9), invalid);
  assert.throws(() => PieceMap.fromBitfield(new Uint8Array(3), 9), invalid);
  assert.throws(() => PieceMap.fromBitfield(Uint8Array.of(0, 0x01), 9), invalid);
});

test('a piece outside the map is refused, not wrapped', () => {
  const map = new PieceMap(3);
  assert.throws(() => map.set(3), RangeError);
  assert.throws(() => map.set(-1), RangeError);
  assert.throws(() => map.set(Number.NaN), RangeError);
  assert.equal(map.has(3), false);
});
