import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock, type PeerId, PieceMap } from '@sluice/protocol';
import type { Member } from './member.ts';
import type { PeerClass } from './peer-class.ts';
import { Places } from './places.ts';
import { peerId } from './testing/device.ts';

interface Peer {
  peerClass: PeerClass;
  /** Has what this device lacks. */
  brings: boolean;
  incoming: boolean;
  connectedAt: number;
  /** Content that came and went. */
  bytes: number;
  fetching: boolean;
  serving: boolean;
}

/** A device that has piece 0 of two, may upload to nobody, and has `count` peers, made long ago. */
function setUp(count: number, over: (i: number) => Partial<Peer> = () => ({})) {
  const clock = new ManualClock();
  const members = new Map<PeerId, Member>();
  const pieces = new PieceMap(2);
  pieces.set(0);
  const peers: Peer[] = [];
  const add = (i: number) => {
    const peer: Peer = {
      ...{ peerClass: 'Internet', brings: true, incoming: false, connectedAt: clock.now() },
      ...{ bytes: 1_000, fetching: false, serving: false, ...over(i) },
    };
    const has = new PieceMap(2);
    if (peer.brings) has.set(1);
    const connection = {
      ...{ peerId: peerId(i), incoming: peer.incoming, connectedAt: peer.connectedAt },
      ...{ received: peer.bytes / 2, sent: peer.bytes / 2 },
      get activeConnections() {
        return Number(peer.fetching);
      },
    };
    const uploads = {
      get idle() {
        return !peer.serving;
      },
    };
    const { peerClass } = peer;
    members.set(peerId(i), { has, peerClass, connection, uploads } as unknown as Member);
    peers[i] = peer;
  };
  for (let i = 0; i < count; i++) add(i);
  clock.advance(60_000);
  const places = new Places({ clock, members, own: () => ({ pieces, mayUpload: () => false }) });
  const seed = { peerClass: 'Internet' as const, isSeed: true, isVouchedFor: true };
  const who = (id = 900, newcomer: Parameters<Places['whoGoesFor']>[1] = seed, incoming = false) =>
    places.whoGoesFor(peerId(id), newcomer, incoming)?.connection.peerId;
  return { clock, members, peers, places, seed, who, add };
}

const useless = (...which: number[]) => {
  return (i: number) => ({ brings: !which.includes(i) });
};

describe('Places', () => {
  it('are free until there are 50, 40 for those who come by themselves', () => {
    const { places } = setUp(49);
    assert.deepEqual([places.isFree(false), places.room], [true, 1]);
    assert.equal(setUp(50).places.isFree(false), false);
    assert.equal(setUp(39, () => ({ incoming: true })).places.isFree(true), true);
    assert.equal(setUp(40, () => ({ incoming: true })).places.isFree(true), false);
  });

  it('a seed gets the place of who is of no use, not of who brings something', () => {
    assert.equal(setUp(50, useless(7)).who(), peerId(7));
    const { who, places } = setUp(50);
    // One of the site would be worth more than these.
    assert.deepEqual([who(), places.room], [undefined, 1]);
  });

  it('a device of the site gets the place of one elsewhere, the slowest first', () => {
    const { who, seed } = setUp(50, (i) => ({ bytes: i === 9 ? 10 : 1_000 }));
    assert.equal(who(900, { ...seed, peerClass: 'Lan', isSeed: false }), peerId(9));
    const site = setUp(50, () => ({ peerClass: 'Lan' }));
    assert.equal(site.who(900, { ...seed, peerClass: 'Lan' }), undefined);
    assert.equal(site.places.room, 0, 'nobody needs to be looked for');
  });

  it('a stranger that nobody vouches for takes only the place of who is of no use', () => {
    const lan = { peerClass: 'Lan' as const, isSeed: true, isVouchedFor: false };
    assert.equal(setUp(50).who(900, lan), undefined);
    assert.equal(setUp(50, useless(3)).who(900, lan), peerId(3));
  });

  it('nobody goes while content is on its way, either way', () => {
    const { who, peers, clock } = setUp(50, useless(1, 2));
    assert.equal(who(), peerId(1));
    peers[1]!.fetching = true;
    clock.advance(1);
    assert.equal(who(), peerId(2));
    peers[2]!.serving = true;
    assert.equal(who(), undefined, 'as it is, not as it was when it was judged');
    clock.advance(1);
    assert.equal(who(), undefined);
  });

  it('nobody is judged in the first half minute', () => {
    const { who, add, members, clock } = setUp(49, useless(49));
    add(49);
    assert.equal(members.size, 50);
    clock.advance(29_999);
    assert.equal(who(), undefined);
    clock.advance(1);
    assert.equal(who(), peerId(49));
  });

  it('one every five seconds; and who had to go does not come back for another', () => {
    const { who, clock, places, members, add } = setUp(50, useless(1, 2));
    const first = members.get(who()!)!;
    members.delete(peerId(1));
    places.replaced(first);
    add(50);
    assert.equal(who(), undefined);
    assert.equal(places.room, 0);
    clock.advance(5_000);
    assert.equal(who(), peerId(2));
    assert.equal(who(1), undefined);
    clock.advance(600_000);
    assert.equal(who(1), peerId(2));
  });

  it('who comes by itself takes places of others who came', () => {
    const over = (i: number) => ({ incoming: i < 40, brings: i !== 3 && i !== 44 });
    const { who, seed } = setUp(45, over);
    assert.equal(who(900, seed, true), peerId(3));
    const none = setUp(45, (i) => ({ incoming: i < 40, brings: i !== 44 }));
    assert.equal(none.who(900, seed, true), undefined);
  });

  it('nobody goes before the content is known', () => {
    const { members, clock, seed } = setUp(50, useless(1));
    const places = new Places({ clock, members, own: () => undefined });
    assert.equal(places.whoGoesFor(peerId(900), seed, false), undefined);
  });
});
