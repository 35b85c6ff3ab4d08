import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap, seededRandom } from '@sluice/protocol';
import fc from 'fast-check';
import { PieceTable } from './piece-table.ts';
import { type Owner, Responsibility, self } from './responsibility.ts';
import { peerId } from './world.test-kit.ts';

/** What the table stands for, kept in the plainest way. */
interface Model {
  have: Set<number>;
  wanted: Set<number>;
  holders: number[];
  claimedBy: Map<number, number>;
}

function newTable(pieces: number, have = new PieceMap(pieces)) {
  const responsibility = new Responsibility(pieces, 3, peerId(1));
  const table = new PieceTable(have, responsibility);
  const model: Model = { have: new Set(), wanted: new Set(), holders: [], claimedBy: new Map() };
  for (let p = 0; p < pieces; p++) {
    model.holders.push(0);
    if (have.has(p)) model.have.add(p);
    else model.wanted.add(p);
  }
  return { table, model };
}

/** Does one random thing to both. */
function step(table: PieceTable, model: Model, random: () => number): void {
  const pieces = table.have.length;
  const piece = Math.floor(random() * pieces);
  const peer = 1 + Math.floor(random() * 6);
  const kind = Math.floor(random() * 10);
  if (kind === 0 && !model.have.has(piece)) {
    table.want(piece);
    model.wanted.add(piece);
  } else if (kind === 1) {
    table.unwant(piece);
    model.wanted.delete(piece);
  } else if (kind === 2) {
    assert.equal(table.got(piece, 0), !model.have.has(piece));
    model.have.add(piece);
    model.wanted.delete(piece);
  } else if (kind === 3) {
    table.peerGot(piece);
    model.holders[piece]!++;
  } else if (kind === 4 && model.holders[piece]! > 0) {
    table.peerLost(piece);
    model.holders[piece]!--;
  } else if (kind === 5) {
    assert.equal(table.claim(piece, peer), !model.claimedBy.has(piece));
    if (!model.claimedBy.has(piece)) model.claimedBy.set(piece, peer);
  } else if (kind === 6) {
    unclaim(table, model, piece, peer);
  } else if (kind === 7) {
    table.reclassifyGroups(table.responsibility.add(peer, peerId(100 + peer)));
  } else if (kind === 8) {
    table.reclassifyGroups(table.responsibility.remove(peer));
  } else if (kind === 9 && random() < 0.02) table.makeWhole();
}

function unclaim(table: PieceTable, model: Model, first: number, peer: number): void {
  const count = Math.min(5, table.have.length - first);
  let released = 0;
  for (let p = first; p < first + count; p++) {
    if (model.claimedBy.get(p) !== peer) continue;
    model.claimedBy.delete(p);
    released++;
  }
  assert.equal(table.unclaim({ first, count }, peer), released);
}

/** Recounts everything from the model. */
function check(table: PieceTable, model: Model): void {
  let available = 0;
  const backlog = new Map<Owner, number>();
  const listed = new Set<number>();
  table.rarity.find(0, Number.POSITIVE_INFINITY, (p) => {
    listed.add(p);
    return false;
  });
  for (let p = 0; p < table.have.length; p++) {
    const wanted = model.wanted.has(p);
    const isAvailable = wanted && model.holders[p]! > 0;
    const open = wanted && !isAvailable;
    const owner = table.responsibility.owner(p);
    const own = open && !model.claimedBy.has(p) && owner === self;
    if (isAvailable) available++;
    if (open && !model.claimedBy.has(p) && owner !== self) {
      backlog.set(owner, (backlog.get(owner) ?? 0) + 1);
    }
    assert.equal(table.have.has(p), model.have.has(p), `have ${p}`);
    assert.equal(table.wanted.has(p), wanted, `wanted ${p}`);
    assert.equal(table.own.has(p), own, `own ${p}`);
    assert.equal(table.waiting.has(p), open && !own, `waiting ${p}`);
    assert.equal(listed.has(p), isAvailable, `listed ${p}`);
    assert.equal(table.rarity.availability(p), model.holders[p]);
    assert.equal(table.claimant(p), model.claimedBy.get(p));
  }
  assert.equal(table.availableCount, available);
  for (let peer = 1; peer <= 6; peer++) assert.equal(table.backlog(peer), backlog.get(peer) ?? 0);
}

test('every piece is in its place and every count right, after any events', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 70 }), (seed, pieces) => {
      const random = seededRandom(seed);
      const have = new PieceMap(pieces);
      for (let p = 0; p < pieces; p++) if (random() < 0.2) have.set(p);
      const { table, model } = newTable(pieces, have);
      check(table, model);
      for (let k = 0; k < 250; k++) {
        step(table, model, random);
        if (k % 10 === 0) check(table, model);
      }
      check(table, model);
    }),
    { numRuns: 60 },
  );
});

test('tells of every piece that becomes wanted or no longer is, once', () => {
  const { table } = newTable(8);
  const told: [number, number][] = [];
  table.onWanted = (piece, by) => told.push([piece, by]);
  table.unwant(3);
  table.unwant(3);
  table.want(3);
  table.want(3);
  table.got(3, 0);
  table.want(3);
  assert.deepEqual(told, [
    [3, -1],
    [3, 1],
    [3, -1],
  ]);
});

test('finds a piece of a backlog only when this device is next in line and nobody claimed it', () => {
  const { table } = newTable(200);
  for (const peer of [1, 2, 3]) {
    table.reclassifyGroups(table.responsibility.add(peer, peerId(100 + peer)));
  }
  const found = new Set<number>();
  for (let from = 0; from < 200; from++) {
    const piece = table.findNextInLine(2, from, 200);
    if (piece < 0) continue;
    found.add(piece);
    assert.equal(table.responsibility.owner(piece), 2);
    assert.ok(table.responsibility.selfLeads(piece, (o) => o !== 2));
  }
  assert.ok(found.size > 5);
  for (const p of found) table.claim(p, 3);
  for (let from = 0; from < 200; from++) assert.equal(table.findNextInLine(2, from, 200), -1);
});

test('knows for how long nothing came', () => {
  const { table } = newTable(3);
  assert.equal(table.quietMs(1_000), 0, 'counted from the first question');
  assert.equal(table.quietMs(1_500), 500);
  table.got(0, 2_000);
  assert.equal(table.quietMs(2_100), 100);
  table.got(0, 5_000);
  assert.equal(table.quietMs(5_000), 3_000, 'a piece that was here is nothing new');
});
