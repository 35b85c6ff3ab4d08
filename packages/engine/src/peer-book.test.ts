import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { newBook, pieceSize } from './peer-book.test-kit.ts';
import type { PieceTable } from './piece-table.ts';

/** Pieces claimed by the peer. */
function claimedBy(table: PieceTable, id: number): number {
  let n = 0;
  for (let p = 0; p < table.have.length; p++) if (table.claimant(p) === id) n++;
  return n;
}

test('who has shown nothing can claim eight pieces; who has some, more', () => {
  const { table, join, claim } = newBook(100);
  claim(join(2), 0, 100, 0);
  assert.equal(claimedBy(table, 2), 8);
  const some = new PieceMap(100);
  for (let p = 90; p < 100; p++) some.set(p);
  claim(join(3, some), 0, 90, 0);
  assert.equal(claimedBy(table, 3), 28);
});

test('who claims more than it is believed is believed the rest as it delivers', () => {
  const { table, join, claim, has } = newBook(100);
  const peer = join(2);
  claim(peer, 0, 6, 0);
  claim(peer, 20, 6, 0);
  assert.equal(table.claimant(21), 2);
  assert.equal(table.claimant(22), undefined);
  has(peer, 0, 10);
  assert.equal(table.claimant(24), 2);
  assert.equal(table.claimant(25), undefined);
  has(peer, 1, 20);
  assert.equal(table.claimant(25), 2);
});

test('who streams the whole content may claim all of it', () => {
  const { table, join, claim } = newBook(100);
  table.makeWhole();
  claim(join(2), 0, 100, 0);
  assert.equal(claimedBy(table, 2), 100);
});

test('remembers no more than so many claims of a peer, and none that is out of range', () => {
  const { table, join, claim } = newBook(1_000);
  const peer = join(2, PieceMap.full(1_000));
  for (let p = 0; p < 200; p++) claim(peer, p, 1, 0);
  assert.equal(peer.claims.length, 64);
  const other = join(3);
  for (const [first, count] of [
    [-1, 2],
    [999, 2],
    [5, 0],
    [0, 1e9],
    [Number.NaN, 1],
  ] as const) {
    claim(other, first, count, 0);
  }
  assert.equal(other.claims.length, 0);
  assert.equal(claimedBy(table, 3), 0);
});

test('told again, a claim is the same claim with another rate', () => {
  const { join, claim } = newBook(10);
  const peer = join(2);
  claim(peer, 0, 2, 0);
  claim(peer, 0, 2, 1_000, 5e5);
  assert.equal(peer.claims.length, 1);
  assert.equal(peer.claimedPieces, 2);
  assert.equal(peer.claimedRate, 5e5);
});

test('who lets its work lie is passed over, and comes back when it delivers', () => {
  const { table, book, join, claim, has } = newBook(20);
  const peer = join(2);
  assert.ok(table.backlog(2) > 0);
  claim(peer, 0, 2, 0);
  book.expire(5_900, () => 0);
  assert.equal(peer.lagging, false);
  book.expire(6_100, () => 0);
  assert.equal(peer.lagging, true);
  assert.equal(table.backlog(2), 0);
  assert.equal(claimedBy(table, 2), 0);
  claim(peer, 0, 2, 6_200);
  assert.equal(claimedBy(table, 2), 0, 'its word does not count now');
  has(peer, 0, 6_300);
  assert.equal(peer.lagging, true, 'too early');
  has(peer, 1, 8_000);
  assert.equal(peer.lagging, false);
  assert.ok(table.backlog(2) > 0);
});

test('who has only begun to fetch is given its time from then on, once', () => {
  const { book, join, claim } = newBook(20);
  const peer = join(2);
  book.expire(2_900, () => 0);
  claim(peer, 0, 2, 2_900);
  claim(peer, 2, 2, 5_000);
  book.expire(8_900, () => 0);
  assert.equal(peer.lagging, false);
  book.expire(9_000, () => 0);
  assert.equal(peer.lagging, true);
});

test('each lapse costs longer distrust', () => {
  const { book, join, has } = newBook(400);
  const peer = join(2);
  const gaps: number[] = [];
  let now = 0;
  let piece = 0;
  while (gaps.length < 5) {
    for (; !peer.lagging; now += 100) book.expire(now, () => 0);
    const from = now;
    for (; peer.lagging; now += 100) has(peer, piece++, now);
    gaps.push(now - from);
  }
  for (let k = 1; k < gaps.length; k++) assert.ok(gaps[k]! > 1.5 * gaps[k - 1]!, gaps.join(' '));
});

test('pieces that others had before are no sign that it does its own work', () => {
  const { book, join, has } = newBook(40);
  const half = new PieceMap(40);
  for (let p = 0; p < 20; p++) half.set(p);
  join(3, half);
  const peer = join(2);
  for (let piece = 0; piece < 20; piece++) {
    has(peer, piece, piece * 200);
    book.expire(piece * 200, () => 0);
  }
  assert.equal(peer.lagging, true);
});

test('who has nothing to do may be silent for as long as it likes', () => {
  const { book, join } = newBook(40);
  join(3, PieceMap.full(40));
  const peer = join(2);
  book.expire(600_000, () => 0);
  assert.equal(peer.lagging, false);
});

test('one claim that hangs is dropped though the peer goes on with others', () => {
  const { table, book, join, claim, has } = newBook(300);
  const peer = join(2);
  claim(peer, 0, 1, 0, pieceSize);
  for (let k = 1; k < 40; k++) {
    claim(peer, k, 1, k * 1_000, pieceSize);
    has(peer, k, k * 1_000 + 900);
    book.expire(k * 1_000 + 950, () => 0);
  }
  assert.equal(peer.lagging, false);
  assert.equal(table.claimant(0), undefined);
});

test('tells interest once when a peer gets something of use, and its end once, when it lasts', () => {
  const { table, book, actions, join, has } = newBook(4);
  const peer = join(2);
  has(peer, 0, 0);
  has(peer, 0, 0);
  has(peer, 1, 0);
  assert.deepEqual(actions, [{ type: 'interest', source: 2, interested: true }]);
  const land = (p: number) => {
    table.got(p, 0);
    book.landed(p);
  };
  land(0);
  land(1);
  book.settle(1_000);
  book.settle(1_200);
  has(peer, 2, 1_250);
  book.settle(2_000);
  assert.equal(actions.length, 1);
  land(2);
  for (const now of [3_000, 3_200, 3_400, 3_600]) book.settle(now);
  assert.deepEqual(actions.slice(1), [{ type: 'interest', source: 2, interested: false }]);
});

test('who has everything says at once that nothing is of use', () => {
  const { table, book, actions, join, has } = newBook(1);
  has(join(2), 0, 0);
  table.got(0, 0);
  book.landed(0);
  book.settle(0);
  assert.deepEqual(actions.at(-1), { type: 'interest', source: 2, interested: false });
});

test('a peer that had nothing for us was not refusing all the time that it choked us', () => {
  const { join, has } = newBook(4);
  const peer = join(2);
  has(peer, 0, 60_000);
  assert.equal(peer.chokeAt, 60_000);
  has(peer, 1, 70_000);
  assert.equal(peer.chokeAt, 60_000);
});

test('counts what a peer has that is wanted, whatever happens', () => {
  const { table, book, join, has } = newBook(30);
  const first = new PieceMap(30);
  for (let p = 0; p < 10; p++) first.set(p);
  const peer = join(2, first);
  has(peer, 20, 0);
  has(peer, 99, 0);
  has(peer, -1, 0);
  table.unwant(3);
  table.unwant(25);
  table.got(4, 0);
  book.landed(4);
  book.distrust(peer, 5);
  book.distrust(peer, 5);
  table.want(3);
  let open = 0;
  let useful = 0;
  for (let p = 0; p < 30; p++) {
    if (peer.has.has(p) && table.wanted.has(p)) open++;
    if (peer.has.has(p) && !table.have.has(p)) useful++;
  }
  assert.equal(peer.has.open, open);
  assert.equal(peer.has.useful, useful);
});

test('a peer that goes leaves no trace: claims, copies and its share are free', () => {
  const { table, book, join, claim } = newBook(50);
  const some = new PieceMap(50);
  some.set(7);
  const peer = join(2, some);
  claim(peer, 0, 5, 0);
  book.remove(peer, 0);
  assert.equal(claimedBy(table, 2), 0);
  assert.equal(table.rarity.availability(7), 0);
  assert.equal(table.availableCount, 0);
  assert.equal(table.own.count, 50);
  assert.equal(table.backlog(2), 0);
});

test('who had nothing to do for long is given as much time as anyone once it has', () => {
  const { table, book, join } = newBook(100);
  const peer = join(2);
  for (let p = 0; p < 100; p++) table.unwant(p);
  const expire = (now: number) => {
    book.expire(now, () => 0);
    return peer.lagging;
  };
  for (let now = 0; now <= 60_000; now += 1_000) assert.equal(expire(now), false);
  for (let p = 0; p < 100; p++) table.want(p);
  assert.ok(table.backlog(peer.id) > 0);
  assert.deepEqual([60_100, 63_000, 63_101].map(expire), [false, false, true]);
});

test('who comes back and has nothing to do grows no slower by that', () => {
  const { table, book, join, claim, has } = newBook(20);
  const peer = join(2);
  for (let p = 0; p < 20; p++) table.unwant(p);
  claim(peer, 0, 3, 0);
  has(peer, 0, 1_000);
  for (let now = 1_000; now <= 11_000; now += 500) book.expire(now, () => 1_000);
  assert.equal(peer.lagging, true);
  has(peer, 1, 20_000);
  assert.equal(peer.lagging, false);
  book.expire(20_100, () => 1_000);
  const rate = peer.bringing.rate(20_100);
  assert.ok(rate > 0);
  for (let now = 20_200; now <= 60_000; now += 200) book.expire(now, () => 1_000);
  assert.equal(peer.bringing.rate(60_000), rate);
});

test('whose queue is full is known when others have gone, and of nobody new', () => {
  const { book, join, has } = newBook(10);
  const [first, full] = [join(2), join(3)];
  const unchoke = (source: number) => ({ type: 'choked', source, choked: false }) as const;
  book.handle(full, unchoke(3), 0);
  full.has.setFull(true);
  assert.equal(has(full, 0, 0), false);
  book.remove(first, 0);
  assert.equal(has(full, 1, 0), false);
  const next = join(4);
  book.handle(next, unchoke(4), 0);
  assert.equal(has(next, 2, 0), true);
  full.has.setFull(false);
  assert.equal(has(full, 3, 0), true);
});
