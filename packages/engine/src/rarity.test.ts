import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import fc from 'fast-check';
import { RarityIndex } from './rarity.ts';

const pieces = 24;

const command = fc.record({
  kind: fc.constantFrom('got', 'lost', 'add', 'remove'),
  piece: fc.nat(pieces - 1),
});

/** Plays commands on the index and on a plain model; drops those that would be a caller's mistake. */
function play(commands: { kind: string; piece: number }[]) {
  const index = new RarityIndex(pieces);
  const availability = new Array<number>(pieces).fill(0);
  const listed = new Set<number>();
  for (const { kind, piece } of commands) {
    if (kind === 'got') {
      index.change(piece, 1);
      availability[piece]!++;
    } else if (kind === 'lost' && availability[piece]! > 0) {
      index.change(piece, -1);
      if (--availability[piece]! === 0) listed.delete(piece);
    } else if (kind === 'add' && availability[piece]! > 0) {
      index.add(piece);
      listed.add(piece);
    } else if (kind === 'remove') {
      index.remove(piece);
      listed.delete(piece);
    }
  }
  return { index, availability, listed };
}

test('lists exactly what a plain model lists, the rarest first', () => {
  fc.assert(
    fc.property(
      fc.array(command, { maxLength: 200 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (commands, random) => {
        const { index, availability, listed } = play(commands);
        const seen: number[] = [];
        index.find(random, pieces, (p) => {
          seen.push(p);
          return false;
        });
        assert.deepEqual(new Set(seen), listed);
        assert.equal(seen.length, listed.size, 'a piece was listed twice');
        const order = seen.map((p) => availability[p]!);
        assert.deepEqual(
          order,
          order.toSorted((a, b) => a - b),
        );
        for (let p = 0; p < pieces; p++) assert.equal(index.availability(p), availability[p]);
      },
    ),
  );
});

test('picks a rarest of those the peer has', () => {
  fc.assert(
    fc.property(
      fc.array(command, { maxLength: 150 }),
      fc.uniqueArray(fc.nat(pieces - 1)),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (commands, owned, random) => {
        const { index, availability, listed } = play(commands);
        const has = new PieceMap(pieces);
        for (const p of owned) has.set(p);
        const candidates = owned.filter((p) => listed.has(p)).map((p) => availability[p]!);
        const picked = index.pick(has, random);
        if (candidates.length === 0) assert.equal(picked, -1);
        else assert.equal(availability[picked], Math.min(...candidates));
      },
    ),
  );
});

test('ties are broken by chance: every rarest piece gets its turn', () => {
  const index = new RarityIndex(10);
  for (let p = 0; p < 10; p++) {
    index.change(p, 1);
    index.add(p);
  }
  const picked = new Set<number>();
  for (let k = 0; k < 10; k++) picked.add(index.pick(PieceMap.full(10), (k + 0.5) / 10));
  assert.equal(picked.size, 10);
});

test('a pick looks at no more than its probes, however many pieces there are', () => {
  const n = 100_000;
  const index = new RarityIndex(n);
  for (let p = 0; p < n; p++) {
    index.change(p, 1);
    index.add(p);
  }
  let looked = 0;
  const found = index.find(0.5, 48, () => {
    looked++;
    return false;
  });
  assert.equal(found, -1);
  assert.equal(looked, 48);
});
