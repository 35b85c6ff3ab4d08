import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, type PeerEntry } from '@sluice/protocol';
import { DialBook } from './dial-book.ts';
import { peerId } from './testing/device.ts';

const entry = (n: number, rest: Partial<PeerEntry> = {}): PeerEntry => ({
  PeerId: peerId(n),
  Ip: '10.0.0.1',
  Port: 1_000 + n,
  Type: 'LAN',
  Left: 1,
  ...rest,
});
const all = () => true;
const ports = (entries: PeerEntry[]) => entries.map((e) => e.Port - 1_000);

function setUp(...known: number[]) {
  const clock = new ManualClock();
  const book = new DialBook(clock);
  for (const n of known) book.add(entry(n));
  return { clock, book };
}

describe('DialBook', () => {
  it('names each once, while it is being dialled', () => {
    const { book } = setUp(1, 2);
    assert.deepEqual(ports(book.take(50, all)), [1, 2]);
    assert.deepEqual(book.take(50, all), []);
    assert.deepEqual([book.connecting, book.greeting], [2, 0]);
    book.reached(peerId(1));
    assert.deepEqual([book.connecting, book.greeting], [1, 1]);
    book.done(peerId(1), true);
    book.done(peerId(2), false);
    assert.deepEqual([book.connecting, book.greeting], [0, 0]);
  });

  it('keeps to the room there is, counting attempts under way', () => {
    const { book } = setUp(1, 2, 3, 4);
    assert.deepEqual(ports(book.take(2, all)), [1, 2]);
    assert.deepEqual(ports(book.take(3, all)), [3]);
    assert.deepEqual(book.take(0, all), []);
    assert.deepEqual(book.take(-5, all), []);
  });

  it('dials no more than 50 at once', () => {
    const { book } = setUp(...Array.from({ length: 80 }, (_, i) => i));
    assert.equal(book.take(1_000, all).length, 50);
  });

  it('names only who is wanted', () => {
    const { book } = setUp(1, 2);
    assert.deepEqual(ports(book.take(50, ({ Port }) => Port === 1_002)), [2]);
  });

  it('waits ever longer for one that does not answer', () => {
    const { clock, book } = setUp(1);
    for (const seconds of [5, 10, 20, 40, 80, 120, 120]) {
      assert.equal(book.take(50, all).length, 1);
      book.done(peerId(1), false);
      clock.advance(seconds * 1_000 - 1);
      assert.deepEqual(book.take(50, all), []);
      clock.advance(1);
    }
  });

  it('tries a new address at once', () => {
    const { book } = setUp(1);
    book.take(50, all);
    book.done(peerId(1), false);
    book.add(entry(1));
    assert.deepEqual(book.take(50, all), []);
    book.add(entry(1, { Port: 1_009 }));
    assert.deepEqual(ports(book.take(50, all)), [9]);
  });

  it('takes a connection that did not last for a failure', () => {
    const { clock, book } = setUp(1);
    for (const expected of [5_000, 10_000]) {
      assert.equal(book.take(50, all).length, 1);
      book.joined(peerId(1));
      book.done(peerId(1), true);
      clock.advance(1_000);
      book.lost(peerId(1));
      clock.advance(expected - 1);
      assert.deepEqual(book.take(50, all), []);
      clock.advance(1);
    }
    assert.equal(book.take(50, all).length, 1);
    book.joined(peerId(1));
    book.done(peerId(1), true);
    clock.advance(60_000);
    book.lost(peerId(1));
    clock.advance(5_000);
    assert.equal(book.take(50, all).length, 1, 'one that lasted is forgiven');
  });

  it('remembers a thousand, those named last', () => {
    const { book } = setUp(0);
    book.take(50, all);
    for (let n = 1; n <= 1_000; n++) book.add(entry(n));
    assert.ok(book.entry(peerId(0)), 'being dialled');
    assert.equal(book.entry(peerId(1)), undefined);
    book.add(entry(2));
    book.add(entry(1_001));
    assert.ok(book.entry(peerId(2)), 'named again');
    assert.equal(book.entry(peerId(3)), undefined);
  });

  it('believes a seed that it is one', () => {
    const { book } = setUp(1);
    book.isSeed(peerId(1));
    assert.equal(book.entry(peerId(1))?.Left, 0);
    book.isSeed(peerId(9));
    book.add(entry(1));
    assert.equal(book.entry(peerId(1))?.Left, 1, 'until the array knows better');
  });

  it('minds no news of strangers', () => {
    const { book } = setUp();
    book.reached(peerId(5));
    book.joined(peerId(5));
    book.lost(peerId(5));
    book.done(peerId(5), true);
    assert.equal(book.entry(peerId(5)), undefined);
  });
});
