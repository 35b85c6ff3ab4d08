import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, type PeerEntry } from '@sluice/protocol';
import { DialBook, type DialTarget } from './dial-book.ts';
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
const ports = (targets: DialTarget[]) => targets.map((t) => t.addresses[0]!.Port - 1_000);

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

  it('dials at once whom we let go ourselves, whatever came before', () => {
    const { book, clock } = setUp(1);
    book.take(50, all);
    book.done(peerId(1), false);
    book.joined(peerId(1));
    clock.advance(10);
    book.letGo(peerId(1));
    assert.deepEqual(ports(book.take(50, all)), [1]);
  });

  it('forgets whom others than the local network named', () => {
    const { book } = setUp(1, 2);
    book.add(entry(2, { Ip: '10.0.0.2' }), 'local');
    book.add(entry(3), 'peer');
    book.forgetNamed();
    assert.deepEqual(
      book.take(50, all).map((t) => [t.peer, t.addresses.map((a) => a.Ip)]),
      [[peerId(2), ['10.0.0.2']]],
    );
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

  it('has all addresses of a peer tried, each once, those of who was heard here first', () => {
    const { book } = setUp();
    book.add(entry(1, { Ip: '10.0.0.1' }));
    book.add(entry(1, { Ip: '10.0.0.7' }), 'peer');
    book.add(entry(1, { Ip: 'fe80::1%eth0' }), 'local');
    book.add(entry(1, { Ip: '10.0.0.1' }), 'local');
    const [target, ...others] = book.take(50, all);
    const addresses = target!.addresses.map(({ Ip }) => Ip);
    assert.deepEqual(addresses, ['10.0.0.1', 'fe80::1%eth0', '10.0.0.7']);
    assert.deepEqual(others, []);
  });

  it('forgets addresses that do not answer, but for the last one', () => {
    const { book } = setUp();
    const [first, second] = [entry(1, { Ip: '10.0.0.1' }), entry(1, { Ip: '10.0.0.2' })];
    for (const address of [second, first]) book.add(address, 'local');
    book.unreachable(peerId(1), first);
    book.unreachable(peerId(1), second);
    assert.deepEqual(book.take(50, all)[0]?.addresses, [second]);
  });

  it('names only the addresses that are wanted, by who named them', () => {
    const { book } = setUp();
    book.add(entry(1, { Ip: '10.0.0.1' }));
    book.add(entry(1, { Ip: '10.0.0.2' }), 'local');
    book.add(entry(2, { Ip: '10.0.0.3' }), 'peer');
    const targets = book.take(50, (_, by) => by === 'local');
    assert.deepEqual(
      targets.map(({ addresses }) => addresses.map(({ Ip }) => Ip)),
      [['10.0.0.2']],
    );
  });

  it('tells what was said of the address, else by who knows best', () => {
    const { book } = setUp();
    book.add(entry(1, { Ip: '198.51.100.1', Type: 'Internet' }));
    book.add(entry(1, { Ip: '10.0.0.2', Type: 'LAN' }), 'local');
    assert.equal(book.entry(peerId(1), '198.51.100.1')?.Type, 'Internet');
    assert.equal(book.entry(peerId(1), '10.0.0.9')?.Type, 'LAN');
    assert.equal(book.entry(peerId(1))?.Type, 'LAN');
  });

  it('knows whom only a peer named, and forgets a hint that leads nowhere', () => {
    const { book } = setUp(1);
    book.add(entry(2), 'peer');
    book.add(entry(3), 'local');
    const vouched = [1, 2, 3, 4].map((n) => book.isVouchedFor(peerId(n)));
    assert.deepEqual(vouched, [true, false, true, false]);
    assert.deepEqual([book.isLocal(peerId(1)), book.isLocal(peerId(3))], [false, true]);
    book.take(50, all);
    for (const n of [1, 2]) book.done(peerId(n), false);
    assert.equal(book.entry(peerId(2)), undefined);
    assert.ok(book.entry(peerId(1)));
  });

  it('takes two hundred hints, which neither push out others nor have them tried more often', () => {
    const { book } = setUp(1);
    book.take(50, all);
    book.done(peerId(1), false);
    book.add(entry(1, { Ip: '10.0.0.77' }), 'peer');
    assert.deepEqual(book.take(50, all), []);
    for (let n = 2; n < 2_000; n++) book.add(entry(n), 'peer');
    assert.ok(book.entry(peerId(201)));
    assert.equal(book.entry(peerId(202)), undefined);
    for (let n = 2_000; n < 2_799; n++) book.add(entry(n));
    book.add(entry(5_000), 'peer');
    assert.ok(book.entry(peerId(1)), 'named by the array');
  });

  it('lets go of what a finder takes back', () => {
    const { book } = setUp(1);
    book.add(entry(1, { Ip: '10.0.0.2' }), 'local');
    book.add(entry(2), 'local');
    for (const n of [1, 2, 3]) book.retract(peerId(n), 'local');
    assert.deepEqual([book.isLocal(peerId(1)), book.entry(peerId(2))], [false, undefined]);
    assert.deepEqual(book.take(50, all)[0]?.addresses, [entry(1)]);
  });
});
