import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Responsibility, self, somebody } from './responsibility.ts';
import { peerId } from './world.test-kit.ts';

/** The views of `count` devices of one site; device k is peer k of the others, and self of its own. */
function site(count: number, pieces: number): Responsibility[] {
  return Array.from({ length: count }, (_, me) => {
    const view = new Responsibility(pieces, 99, peerId(me));
    for (let k = 0; k < count; k++) if (k !== me) view.add(k, peerId(k));
    return view;
  });
}

function ownersOf(view: Responsibility, pieces: number): number[] {
  return Array.from({ length: pieces }, (_, p) => view.owner(p));
}

test('alone, this device is responsible for everything', () => {
  const view = new Responsibility(100, 1, peerId(1));
  assert.ok(ownersOf(view, 100).every((o) => o === self));
});

test('all devices of a site agree on who is responsible, in whatever order they met', () => {
  const pieces = 1_000;
  const views = site(6, pieces);
  for (let p = 0; p < pieces; p++) {
    const owners = views.map((view, me) => (view.owner(p) === self ? me : view.owner(p)));
    assert.equal(new Set(owners).size, 1, `piece ${p}: ${owners}`);
  }
});

test('the shares are even', () => {
  const pieces = 5_120;
  const [view] = site(8, pieces);
  const share = new Map<number, number>();
  for (const o of ownersOf(view!, pieces)) share.set(o, (share.get(o) ?? 0) + 1);
  for (const n of share.values()) assert.ok(Math.abs(n / 640 - 1) < 0.25, `${n} of 640`);
});

test('of more than sixteen that know each other twelve fetch as much each, and all agree who what', () => {
  const pieces = 408;
  const views = site(30, pieces);
  const owners = views.map((view, me) =>
    ownersOf(view, pieces).map((owner) => (owner === self ? me : owner)),
  );
  for (const other of owners) assert.deepEqual(other, owners[0]);
  const shares = new Map<number, number>();
  for (const owner of owners[0]!) shares.set(owner, (shares.get(owner) ?? 0) + 1);
  assert.deepEqual([...shares.values()], Array(12).fill(34));
});

test('who relies on others has nothing of its own until it no longer does', () => {
  const [view] = site(3, 100);
  const before = ownersOf(view!, 100);
  assert.equal([...view!.setRelies(true)].length, 100);
  assert.ok(ownersOf(view!, 100).every((o) => o === somebody));
  view!.setRelies(false);
  assert.deepEqual(ownersOf(view!, 100), before);
});

test('who comes or goes moves only its own pieces', () => {
  const pieces = 2_000;
  const [view] = site(5, pieces);
  const before = ownersOf(view!, pieces);
  const taken = view!.add(50, peerId(50));
  const after = ownersOf(view!, pieces);
  for (let p = 0; p < pieces; p++) if (after[p] !== before[p]) assert.equal(after[p], 50);
  const moved = after.filter((o) => o === 50).length;
  assert.ok(Math.abs(moved / (pieces / 6) - 1) < 0.35, `${moved} moved`);
  assert.deepEqual(new Set(view!.remove(50)), new Set(taken));
  assert.deepEqual(ownersOf(view!, pieces), before);
});

test('says exactly which groups changed hands, like a table made anew', () => {
  const pieces = 600;
  const step = fc.record({
    add: fc.boolean(),
    // 0: this device itself.
    peer: fc.integer({ min: 0, max: 24 }),
    handicap: fc.nat(4),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const view = new Responsibility(pieces, 5, peerId(100));
      const members = new Map<number, number>();
      let own = 0;
      for (const { add, peer, handicap } of steps) {
        const before = ownersOf(view, pieces);
        const change = () => {
          if (peer === 0) return view.setHandicap(self, handicap);
          return add ? view.add(peer, peerId(peer), handicap) : view.remove(peer);
        };
        const groups = change();
        if (peer === 0) own = handicap;
        else if (add) members.set(peer, handicap);
        else members.delete(peer);
        const changed = new Set<number>();
        for (const g of groups) {
          const [first, end] = view.piecesOf(g);
          for (let p = first; p < end; p++) changed.add(p);
        }
        const fresh = new Responsibility(pieces, 5, peerId(100));
        fresh.setHandicap(self, own);
        for (const [m, h] of members) fresh.add(m, peerId(m), h);
        for (let p = 0; p < pieces; p++) {
          assert.equal(view.owner(p), fresh.owner(p));
          assert.equal(changed.has(p), before[p] !== view.owner(p));
        }
      }
      assert.equal(view.candidateCount, members.size + 1);
    }),
    { numRuns: 50 },
  );
});

test('shares are halved by each handicap', () => {
  const pieces = 20_480;
  const [view] = site(4, pieces);
  view!.setHandicap(self, 1);
  view!.setHandicap(1, 2);
  const share = new Map<number, number>();
  for (const o of ownersOf(view!, pieces)) share.set(o, (share.get(o) ?? 0) + 1);
  const expected = [0.5, 0.25, 1, 1].map((weight) => (pieces * weight) / 2.75);
  for (const [device, owner] of [self, 1, 2, 3].entries()) {
    const ratio = share.get(owner)! / expected[device]!;
    assert.ok(Math.abs(ratio - 1) < 0.2, `device ${device}: ${ratio} of its share`);
  }
});

test('a handicap of who stands in for others changes nothing', () => {
  const [view] = site(3, 500);
  view!.setSelfShares(false);
  const before = ownersOf(view!, 500);
  assert.deepEqual(view!.setHandicap(self, 3), []);
  assert.deepEqual(ownersOf(view!, 500), before);
});

test('without its owner a piece has exactly one next', () => {
  const pieces = 200;
  const views = site(5, pieces);
  for (let p = 0; p < pieces; p++) {
    const owner = views[0]!.owner(p) === self ? 0 : views[0]!.owner(p);
    const next = views.filter((view, me) => me !== owner && view.selfLeads(p, (o) => o !== owner));
    assert.equal(next.length, 1);
    for (const [me, view] of views.entries()) {
      if (me !== owner) assert.equal(view.selfOutranks(owner, p), false);
    }
  }
});

test('who is no candidate does not come before anybody', () => {
  const view = new Responsibility(10, 1, peerId(1));
  assert.ok(view.selfOutranks(77, 3));
});

test('a source that only streams makes one group of all', () => {
  const [view] = site(4, 1_000);
  assert.equal(view!.whole, false);
  view!.makeWhole();
  assert.equal(view!.whole, true);
  assert.equal(new Set(ownersOf(view!, 1_000)).size, 1);
  assert.deepEqual(view!.piecesOf(0), [0, 1_000]);
});

test('large contents are divided in groups, so that HTTP gets runs', () => {
  const [view] = site(4, 4_096);
  const owners = ownersOf(view!, 4_096);
  for (let p = 0; p < 4_096; p += 8) assert.equal(new Set(owners.slice(p, p + 8)).size, 1);
});
