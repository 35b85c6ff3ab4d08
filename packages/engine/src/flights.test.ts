import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Flight, Flights } from './flights.ts';
import { Pending } from './pending.ts';

const pieceCount = 5;

function flight(id: number, pieces: number[], reason: Flight['reason']): Flight {
  const pending = new Pending();
  for (const p of pieces) pending.add(p);
  const run = { first: Math.min(...pieces), count: pieces.length };
  const common = { id, source: id % 3, run, pending, reason, pieces: pieces.length };
  return { ...common, fromPeer: true, fromSite: false, startedAt: 0, cancelled: false };
}

test('who brings what is known through begins, drops and ends in any order', () => {
  const pieces = fc.uniqueArray(fc.integer({ min: 0, max: pieceCount - 1 }), { minLength: 1 });
  const what = fc.constantFrom('begin', 'stream', 'drop', 'end');
  const step = fc.record({ what, pieces, which: fc.nat() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const flights = new Flights(pieceCount);
      const all: Flight[] = [];
      let id = 0;
      for (const s of steps) {
        const chosen = all[s.which % Math.max(1, all.length)];
        if (s.what === 'begin' || s.what === 'stream') {
          const begun = flight(++id, s.pieces, s.what === 'stream' ? 'stream' : 'peer');
          all.push(begun);
          flights.add(begun);
        } else if (chosen && s.what === 'drop') {
          const [piece] = s.pieces as [number];
          const bringing = flights.of(piece).filter((f) => f.reason !== 'stream');
          const isLast = bringing.length === 1 && bringing[0] === chosen;
          assert.equal(flights.drop(chosen, piece), isLast);
        } else if (chosen) {
          const orphans = chosen.pending.list().filter((p) => flights.of(p).length === 1);
          assert.deepEqual(flights.end(chosen), chosen.reason === 'stream' ? [] : orphans);
          all.splice(all.indexOf(chosen), 1);
        }
        compare(flights, all);
        assert.equal(flights.get(id + 1), undefined);
      }
    }),
  );
});

function compare(flights: Flights, all: Flight[]): void {
  assert.deepEqual(flights.all(), all);
  for (const f of all) assert.equal(flights.get(f.id), f);
  assert.equal(
    flights.peerPending,
    all.reduce((sum, f) => sum + f.pending.size, 0),
  );
  const streams = all.filter((f) => f.reason === 'stream');
  for (let p = 0; p < pieceCount; p++) {
    const bringing = all.filter((f) => f.reason !== 'stream' && f.pending.has(p));
    assert.deepEqual(new Set(flights.of(p)), new Set(bringing));
    assert.deepEqual(new Set(flights.allOf(p)), new Set([...bringing, ...streams]));
  }
  for (const source of [0, 1, 2]) {
    assert.deepEqual(
      flights.ofSource(source),
      all.filter((f) => f.source === source),
    );
  }
}
