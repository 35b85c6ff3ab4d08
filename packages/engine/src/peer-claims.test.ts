import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap, type PieceRun } from '@sluice/protocol';
import { newBook } from './peer-book.test-kit.ts';

/** A fleet's book in which every look at a piece, and every one that changes hands, is counted. */
function countingBook(pieceCount: number, has: PieceMap) {
  const { table, book, join, claim, ...rest } = newBook(pieceCount);
  const peer = join(2, has);
  const counted = { looks: 0 };
  const { claimant, unclaim } = table;
  table.claimant = (piece) => {
    counted.looks++;
    return claimant.call(table, piece);
  };
  table.unclaim = (run, by) => {
    counted.looks += run.count;
    return unclaim.call(table, run, by);
  };
  const peerHas = peer.has.has;
  peer.has.has = (piece) => {
    counted.looks++;
    return peerHas.call(peer.has, piece);
  };
  const release = (runs: PieceRun[]) =>
    book.handle(peer, { type: 'released', source: peer.id, runs }, 0);
  return { ...rest, table, book, peer, counted, claim, release };
}

const n = 20_000;
const all = { first: 0, count: n };

function firstPieces(count: number): PieceMap {
  const has = new PieceMap(n);
  for (let p = 0; p < count; p++) has.set(p);
  return has;
}

test('what nobody claimed is released at no cost', () => {
  const { counted, release } = countingBook(n, new PieceMap(n));
  for (let k = 0; k < 1_000; k++) release([all]);
  assert.equal(counted.looks, 0);
});

for (const has of [0, n / 2, n]) {
  test(`who has ${has} of ${n} pieces, and claims and releases everything all the time, is heard a few times`, () => {
    const { counted, peer, claim, release } = countingBook(n, firstPieces(has));
    for (let k = 0; k < 1_000; k++) {
      claim(peer, 0, n, 0);
      release([all]);
    }
    assert.ok(counted.looks < 20 * n, `${counted.looks}`);
    assert.deepEqual([peer.claims, peer.claimedPieces], [[], 0]);
  });
}

test('who was heard too often is heard again later', () => {
  const { peer, claim, release } = countingBook(n, firstPieces(n / 2));
  const flood = (now: number) => {
    for (let k = 0; k < 100; k++) {
      claim(peer, 0, n, now);
      release([all]);
    }
    claim(peer, 0, n, now);
  };
  flood(0);
  assert.equal(peer.claims.length, 0);
  claim(peer, 0, n, 10_000);
  assert.equal(peer.claims.length, 1);
});

test('claims of small runs, piece after piece of the whole content, are all heard', () => {
  const { peer, claim, has } = countingBook(n, new PieceMap(n));
  for (let p = 0; p < n; p += 4) {
    claim(peer, p, 4, 0);
    assert.equal(peer.claims.length, 1, `${p}`);
    for (let k = p; k < p + 4; k++) has(peer, k, 0);
  }
});

test('a piece of a peer with many large claims costs a look at each claim, not at their pieces', () => {
  const { counted, peer, claim, has } = countingBook(n, firstPieces(n - 100));
  for (let k = 0; k < 64; k++) claim(peer, k, n - k, 1_000_000 * k);
  assert.equal(peer.claims.length, 64);
  counted.looks = 0;
  for (let p = n - 100; p < n - 1; p++) has(peer, p, 64e6);
  assert.ok(counted.looks < 1_000, `${counted.looks}`);
  assert.equal(peer.claims.length, 64);
  has(peer, n - 1, 64e6);
  assert.equal(peer.claims.length, 0, 'all of it is there');
});

test('a claim of which a piece turned out bad is not done before that has come again', () => {
  const { peer, book, claim, has } = countingBook(n, new PieceMap(n));
  claim(peer, 0, 3, 0);
  has(peer, 0, 0);
  book.distrust(peer, 0);
  has(peer, 1, 0);
  has(peer, 2, 0);
  assert.equal(peer.claims.length, 1);
  has(peer, 0, 0);
  assert.equal(peer.claims.length, 0);
});

test('what two said they fetch is the second one’s when the first lets go', () => {
  const { table, book, join, claim, has } = newBook(20);
  const first = join(2);
  const second = join(3);
  const third = join(4);
  has(second, 0, 0);
  claim(first, 6, 2, 0);
  claim(second, 6, 2, 0);
  claim(third, 6, 1, 0);
  const holders = () => [6, 7].map((piece) => table.claimant(piece));
  assert.deepEqual(holders(), [first.id, first.id]);
  const release = (peer: typeof first) =>
    book.handle(peer, { type: 'released', source: peer.id, runs: [{ first: 6, count: 2 }] }, 0);
  release(first);
  assert.deepEqual(holders(), [second.id, second.id]);
  assert.deepEqual(
    [first, second, third].map((p) => p.claimedPieces),
    [0, 2, 0],
  );
  has(second, 6, 0);
  book.remove(second, 0);
  assert.deepEqual(
    holders(),
    [third.id, undefined],
    'and then the third one’s, of what it has claimed',
  );
  release(third);
  assert.deepEqual(holders(), [third.id, undefined], 'of both it has claimed nothing');
});

test('who claims as much as it may inherits nothing, and nobody what was one of a long run', () => {
  const { table, book, join, claim, has } = newBook(200);
  const first = join(2);
  const second = join(3);
  for (const peer of [first, second]) for (let p = 150; p < 200; p++) has(peer, p, 0);
  const release = (run: PieceRun) =>
    book.handle(first, { type: 'released', source: first.id, runs: [run] }, 0);
  claim(first, 0, 1, 0);
  claim(second, 0, 1, 0);
  claim(second, 1, 149, 0);
  const most = second.claimedPieces;
  release({ first: 0, count: 1 });
  assert.deepEqual([table.claimant(0), second.claimedPieces], [undefined, most]);
  const third = join(4);
  const long = { first: 120, count: 65 };
  claim(first, long.first, long.count, 0);
  claim(third, 140, 1, 0);
  assert.equal(table.claimant(140), first.id);
  release(long);
  assert.equal(table.claimant(140), undefined);
});
