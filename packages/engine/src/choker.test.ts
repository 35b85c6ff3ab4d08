import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Choker } from './choker.ts';

function withInterested(slots: number, count: number): Choker {
  const choker = new Choker({ slots, turnMs: 1_000 });
  for (let p = 1; p <= count; p++) choker.setInterested(p, true);
  return choker;
}

test('serves all while there are slots', () => {
  const choker = withInterested(4, 3);
  assert.deepEqual(choker.decide(0), { unchoke: [1, 2, 3], choke: [] });
  assert.deepEqual(choker.decide(10_000), { unchoke: [], choke: [] });
});

test('those served longest give way, not before their turn is over', () => {
  const choker = withInterested(2, 3);
  assert.deepEqual(choker.decide(0), { unchoke: [1, 2], choke: [] });
  assert.deepEqual(choker.decide(999), { unchoke: [], choke: [] });
  assert.deepEqual(choker.decide(1_000), { unchoke: [3], choke: [1] });
  assert.deepEqual(choker.decide(2_000), { unchoke: [1], choke: [2] });
});

test('a peer that loses interest or leaves gives its slot to the next at once', () => {
  const choker = withInterested(1, 3);
  choker.decide(0);
  choker.setInterested(1, false);
  assert.deepEqual(choker.decide(1), { unchoke: [2], choke: [] });
  choker.remove(2);
  assert.deepEqual(choker.decide(2), { unchoke: [3], choke: [] });
  assert.equal(choker.isServed(3), true);
});

test('newcomers, who have nothing to pass on, come before those who wait for more', () => {
  const choker = withInterested(1, 3);
  choker.decide(0);
  choker.setInterested(4, true, true);
  assert.deepEqual(choker.decide(1_000), { unchoke: [4], choke: [1] });
  choker.setInterested(5, true, true);
  choker.setInterested(5, true, false);
  assert.deepEqual(choker.decide(2_000), { unchoke: [2], choke: [4] }, 'it got a piece meanwhile');
});

test('with fewer slots those served longest give way at once', () => {
  const choker = withInterested(4, 4);
  choker.decide(0);
  choker.setSlots(2);
  assert.deepEqual(choker.decide(1), { unchoke: [], choke: [1, 2] });
  choker.setSlots(3);
  assert.deepEqual(choker.decide(2), { unchoke: [1], choke: [] });
});

test('with fewer slots a near peer that has nothing to get gives way before one served for longer', () => {
  const choker = new Choker({ slots: 3, turnMs: 1_000, areNear: true });
  for (const peer of [1, 2, 3]) choker.setInterested(peer, true);
  choker.decide(0);
  choker.asked(1, 1);
  choker.setSlots(2);
  assert.deepEqual(choker.decide(2), { unchoke: [], choke: [2] });
  choker.setSlots(1);
  assert.deepEqual(choker.decide(3), { unchoke: [], choke: [3] });
  assert.equal(choker.isServed(1), true);
});

test('interest told twice does not cost the slot', () => {
  const choker = withInterested(1, 1);
  choker.decide(0);
  choker.setInterested(1, true);
  assert.deepEqual(choker.decide(5_000), { unchoke: [], choke: [] });
});

test('in a crowd on this site a turn is what was asked for, and an offer that is not taken is short', () => {
  const choker = new Choker({ slots: 2, turnMs: 1_000, areNear: true });
  for (let p = 1; p <= 17; p++) choker.setInterested(p, true);
  assert.deepEqual(choker.decide(0), { unchoke: [1, 2], choke: [] });
  choker.asked(1, 5);
  assert.deepEqual(choker.decide(18), { unchoke: [], choke: [] });
  assert.deepEqual(choker.decide(20), { unchoke: [3], choke: [2] }, 'it did not ask');
  choker.sentAll(1, 21);
  assert.deepEqual(choker.decide(21), { unchoke: [4], choke: [1] });
  choker.asked(1, 22);
  assert.deepEqual(
    choker.decide(22),
    { unchoke: [], choke: [3] },
    'what crossed the choke is sent',
  );
  choker.sentAll(1, 23);
  assert.deepEqual(choker.decide(23), { unchoke: [5], choke: [] });
  assert.ok(choker.lookAt(23)! > 23 + 20, 'who needs longer is given longer');
});

/** Twenty near peers that want to be served, of whom a later one has less; chance takes them in turn. */
function crowd(): Choker {
  let k = 0;
  const random = () => (k++ % 20) / 20;
  const piecesOf = (peer: number) => 100 - peer;
  const choker = new Choker({ slots: 2, turnMs: 1_000, areNear: true, random, piecesOf });
  for (let p = 1; p <= 20; p++) choker.setInterested(p, true);
  return choker;
}

test('of a crowd those come first that have least, as far as chance has them compared', () => {
  const choker = crowd();
  assert.deepEqual(choker.decide(0).unchoke, [8, 16]);
});

test('of a crowd who has waited longest comes after one whose turn is over, whoever has least', () => {
  const choker = crowd();
  choker.decide(0);
  choker.asked(8, 1);
  choker.sentAll(8, 2);
  assert.deepEqual(choker.decide(2), { unchoke: [1], choke: [8] });
});

test('where the way up is mostly idle a small crowd has whole turns, a large one has not', () => {
  const choker = crowd();
  choker.setSlots(2, false);
  assert.deepEqual(choker.decide(0).unchoke, [1, 2]);
  choker.asked(1, 1);
  choker.asked(2, 1);
  choker.sentAll(1, 998);
  assert.deepEqual(choker.decide(999), { unchoke: [], choke: [] });
  assert.equal(choker.isCrowd, false);
  choker.setSlots(2);
  assert.equal(choker.isCrowd, true);
  choker.setSlots(2, false);
  for (let p = 21; p <= 24; p++) choker.setInterested(p, true);
  assert.equal(choker.isCrowd, false);
  choker.setInterested(25, true);
  assert.equal(choker.isCrowd, true);
});

test('who is served on this site and asks for nothing gives its slot to one that waits, soon', () => {
  const choker = new Choker({ slots: 2, turnMs: 1_000, areNear: true });
  for (let p = 1; p <= 2; p++) choker.setInterested(p, true);
  assert.deepEqual(choker.decide(0).unchoke, [1, 2]);
  choker.asked(1, 10);
  assert.equal(choker.lookAt(10), undefined, 'nobody waits');
  choker.setInterested(3, true);
  assert.equal(choker.lookAt(10), 310);
  assert.deepEqual(choker.decide(299), { unchoke: [], choke: [] });
  assert.deepEqual(choker.decide(300), { unchoke: [3], choke: [2] });
  choker.sentAll(1, 500);
  assert.deepEqual(choker.decide(550), { unchoke: [], choke: [] }, 'it may ask for more');
});

test('far peers are no crowd: each has its whole turn', () => {
  const choker = new Choker({ slots: 2, turnMs: 1_000 });
  for (let p = 1; p <= 20; p++) choker.setInterested(p, true);
  choker.decide(0);
  assert.deepEqual(choker.decide(999), { unchoke: [], choke: [] });
  assert.equal(choker.lookAt(999), undefined);
});

test('never more than its slots, never an idle slot, everybody in turn', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(
        fc.record({
          peer: fc.nat(12),
          kind: fc.constantFrom('in', 'new', 'out', 'gone'),
          ms: fc.nat(900),
        }),
      ),
      (slots, events) => {
        const choker = new Choker({ slots, turnMs: 1_000 });
        const interested = new Set<number>();
        const served = new Set<number>();
        let now = 0;
        const decide = () => {
          const { choke, unchoke } = choker.decide(now);
          for (const p of choke) assert.ok(served.delete(p), 'choked one that was not served');
          for (const p of unchoke) {
            assert.ok(interested.has(p) && !served.has(p));
            served.add(p);
          }
          assert.equal(served.size, Math.min(slots, interested.size));
        };
        for (const { peer, kind, ms } of events) {
          now += ms;
          if (kind === 'in' || kind === 'new') {
            interested.add(peer);
            choker.setInterested(peer, true, kind === 'new');
          } else {
            interested.delete(peer);
            served.delete(peer);
            if (kind === 'out') choker.setInterested(peer, false);
            else choker.remove(peer);
          }
          decide();
        }
        const had = new Set(served);
        for (let turn = 0; turn < 13; turn++) {
          now += 1_000;
          decide();
          for (const p of served) had.add(p);
        }
        assert.deepEqual(had, interested.size > 0 ? new Set([...had, ...interested]) : had);
        for (const p of interested) assert.ok(had.has(p), 'somebody was never served');
      },
    ),
  );
});
