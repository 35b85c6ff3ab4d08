import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  decodePeers,
  ExtensionId,
  encodeHello,
  ManualClock,
  type PeerAddress,
  type PeerEntry,
  type PeerId,
} from '@sluice/protocol';
import type { OwnAddress } from '../network/own-address.ts';
import { DialBook } from './dial-book.ts';
import type { Member } from './member.ts';
import type { PeerClass } from './peer-class.ts';
import { PeerExchange } from './peer-exchange.ts';
import { contentOf, peerId, testDevice } from './testing/device.ts';
import { RawPeer } from './testing/raw-peer.ts';
import { until } from './testing/until.ts';

const lan = { zone: 'eth0', internal: false, tunnel: false };
const own: OwnAddress[] = [
  { address: '10.0.0.1', prefix: 24, ...lan },
  { address: '192.0.2.1', prefix: 24, ...lan },
];

interface Who {
  id: number;
  address: string;
  peerClass?: PeerClass;
  features?: string[];
  incoming?: boolean;
  listenPort?: number;
}

function setUp(groupOnly = false, afterMs = 0) {
  const clock = new ManualClock();
  const members = new Map<PeerId, Member>();
  const book = new DialBook(clock);
  const exchange = new PeerExchange({
    self: peerId(1),
    clock,
    members,
    book: () => book,
    own: () => own,
    listenPort: () => 7680,
    groupOnly: () => groupOnly,
    afterMs,
  });
  /** Adds a member. @returns what it is told, message by message. */
  const join = ({ id, address, peerClass = 'Lan', ...more }: Who) => {
    const told: PeerAddress[][] = [];
    const { features = ['pex'], incoming = false, listenPort = 7000 + id } = more;
    const member = {
      peerClass,
      hello: { features, mayUseHttp: true, listenPort },
      connection: {
        peerId: peerId(id),
        address,
        remotePort: incoming ? 50_000 + id : 7000 + id,
        incoming,
        send: ({ body }: { body: Uint8Array }) => told.push(decodePeers(body)),
      },
    } as unknown as Member;
    members.set(peerId(id), member);
    return { member, told };
  };
  return { clock, members, book, exchange, join };
}

const at = (id: number, address: string, port = 7000 + id): PeerAddress => ({
  address,
  port,
  peerId: peerId(id),
});
const bodyOf = (...peers: PeerAddress[]) => {
  const parts = peers.map(({ address, port, peerId }) => {
    const bytes = Buffer.alloc(27);
    bytes[0] = 4;
    address.split('.').forEach((n, i) => {
      bytes[1 + i] = Number(n);
    });
    bytes.writeUInt16BE(port, 5);
    bytes.write(peerId, 7, 'hex');
    return bytes;
  });
  const count = Buffer.alloc(2);
  count.writeUInt16BE(peers.length);
  return Buffer.concat([count, ...parts]);
};
const named = (book: DialBook, ...ids: number[]) =>
  ids.map((id) => book.entry(peerId(id))).filter((entry) => entry !== undefined);

describe('peers are told of peers', () => {
  it('by those who asked for it, once a minute, at the port they listen on', () => {
    const { clock, exchange, join } = setUp();
    const two = join({ id: 2, address: '10.0.0.2' });
    join({ id: 3, address: '10.0.0.3', incoming: true });
    join({ id: 4, address: '10.0.0.4', incoming: true, listenPort: 0 });
    const silent = join({ id: 5, address: '10.0.0.5', features: [] });
    exchange.tell();
    assert.deepEqual(two.told, [[at(3, '10.0.0.3'), at(5, '10.0.0.5')]]);
    assert.deepEqual(silent.told, []);
    for (let second = 0; second < 59; second++) {
      clock.advance(1_000);
      exchange.tell();
    }
    assert.equal(two.told.length, 1);
    clock.advance(1_000);
    exchange.tell();
    assert.equal(two.told.length, 2);
  });

  it('not before it is time', () => {
    const { clock, exchange, join } = setUp(false, 10_000);
    const two = join({ id: 2, address: '10.0.0.2' });
    join({ id: 3, address: '10.0.0.3' });
    clock.advance(9_999);
    exchange.tell();
    assert.equal(two.told.length, 0);
    clock.advance(1);
    exchange.tell();
    assert.equal(two.told.length, 1);
  });

  it('of their class and site only; no private address leaves the site', () => {
    const { exchange, join } = setUp();
    const who: Who[] = [
      { id: 2, address: '10.0.0.2' },
      { id: 3, address: 'fe80::3%eth0', peerClass: 'LinkLocal' },
      { id: 4, address: '192.0.2.4' },
      { id: 5, address: '198.51.100.5', peerClass: 'Internet' },
      { id: 6, address: '198.51.100.6', peerClass: 'Internet' },
      { id: 7, address: '10.9.9.7', peerClass: 'Group' },
      { id: 8, address: '198.51.100.8', peerClass: 'Group' },
      { id: 9, address: '127.0.0.1' },
    ];
    const joined = who.map(join);
    exchange.tell();
    const told = joined.map(({ told }) => told.flat().map((p) => Number(`0x${p.peerId}`)));
    assert.deepEqual(told, [[4], [2, 4], [2], [6], [5], [8], [], [2, 4]]);
  });

  it('fifty at most', () => {
    const { exchange, join } = setUp();
    const first = join({ id: 2, address: '10.0.0.2' });
    for (let id = 3; id < 80; id++) join({ id, address: `10.0.0.${id}` });
    exchange.tell();
    assert.equal(first.told[0]?.length, 50);
  });

  it('in a group only those known to be of it, and only of such', () => {
    const { book, exchange, join } = setUp(true);
    const joined = [2, 3, 4].map((id) => join({ id, address: `10.0.0.${id}` }));
    for (const id of [2, 3]) {
      const entry: PeerEntry = {
        PeerId: peerId(id),
        Ip: `10.0.0.${id}`,
        Port: 1,
        Type: 'LAN',
        Left: 1,
      };
      book.add(entry, id === 2 ? 'array' : 'local');
    }
    exchange.tell();
    assert.deepEqual(
      joined.map(({ told }) => told.flat()),
      [[at(3, '10.0.0.3')], [at(2, '10.0.0.2')], []],
    );
    exchange.heard(joined[2]!.member, bodyOf(at(9, '10.0.0.9')));
    exchange.heard(joined[0]!.member, bodyOf(at(8, '10.0.0.8')));
    assert.deepEqual(
      named(book, 8, 9).map(({ Ip }) => Ip),
      ['10.0.0.8'],
    );
  });
});

describe('what peers say', () => {
  it('is believed of addresses that can be where they say', () => {
    const peers = [
      at(10, '10.0.0.10'),
      at(11, '192.0.2.11'),
      at(12, '198.51.100.12'),
      at(13, '127.0.0.1'),
      at(14, '224.0.0.1'),
      at(15, '169.254.0.5'),
    ];
    const ids = [10, 11, 12, 13, 14, 15];
    const heardFrom = (peerClass: PeerClass, address: string) => {
      const { book, exchange, join } = setUp();
      exchange.heard(join({ id: 2, address, peerClass }).member, bodyOf(...peers));
      return named(book, ...ids).map(({ PeerId, Type }) => `${Number(`0x${PeerId}`)} ${Type}`);
    };
    assert.deepEqual(heardFrom('Lan', '10.0.0.2'), ['10 LAN', '11 LAN']);
    assert.deepEqual(heardFrom('Lan', '127.0.0.1'), ['10 LAN', '11 LAN', '13 LAN']);
    const far = (type: string) => [`11 ${type}`, `12 ${type}`];
    assert.deepEqual(heardFrom('Group', '198.51.100.2'), far('Group'));
    assert.deepEqual(heardFrom('Internet', '198.51.100.2'), far('Internet'));
  });

  it('does not lead to ourselves', () => {
    const { book, exchange, join } = setUp();
    const { member } = join({ id: 2, address: '10.0.0.2' });
    exchange.heard(member, bodyOf(at(1, '10.0.0.9'), at(7, '10.0.0.1', 7680), at(8, '10.0.0.1')));
    assert.deepEqual(
      named(book, 1, 7, 8).map(({ PeerId }) => PeerId),
      [peerId(8)],
    );
  });

  it('is heard fifty peers at a time, and not again before fifty seconds', () => {
    const { clock, book, exchange, join } = setUp();
    const { member } = join({ id: 2, address: '10.0.0.2' });
    const many = Array.from({ length: 60 }, (_, i) => at(100 + i, '10.0.0.9', 1 + i));
    exchange.heard(member, bodyOf(...many));
    assert.deepEqual(named(book, 149, 150).length, 1);
    clock.advance(49_999);
    exchange.heard(member, bodyOf(at(90, '10.0.0.90')));
    assert.deepEqual(named(book, 90), []);
    clock.advance(1);
    exchange.heard(member, bodyOf(at(90, '10.0.0.90')));
    assert.equal(named(book, 90).length, 1);
    assert.throws(() => exchange.heard(member, Buffer.from([0])), { code: 'InvalidMessage' });
  });
});

describe('a swarm on real sockets', () => {
  it('brings together two who know only a third', async () => {
    const bytes = contentOf(20);
    const clock = new ManualClock();
    await using seed = await testDevice({ id: 1, clock, content: { bytes, has: 'all' } });
    await using a = await testDevice({ id: 2, clock, content: { bytes, has: 'nothing' } });
    await using b = await testDevice({ id: 3, clock, content: { bytes, has: 'nothing' } });
    for (const { swarm } of [a, b]) swarm.offer([seed.entry]);
    const peersOf = ({ swarm }: typeof a) => [...swarm.members].map((m) => m.connection.peerId);
    await until(() => peersOf(seed).length === 2);
    await until(() => [...seed.swarm.members].every((m) => m.acquainted));
    await until(() => {
      clock.advance(1_000);
      return peersOf(a).includes(b.id) && peersOf(b).includes(a.id);
    });
  });

  it('drops who sends a malformed list, and is asked for none when only local peers may be had', async () => {
    const bytes = contentOf(20);
    const network = {
      own: (): OwnAddress[] => [
        { address: '127.0.0.1', prefix: 8, zone: 'lo', internal: true, tunnel: false },
      ],
      restriction: 'local' as const,
    };
    await using device = await testDevice({ id: 1, content: { bytes, has: 'all' }, network });
    device.swarm.offer(
      [{ PeerId: peerId(2), Ip: '127.0.0.1', Port: 9, Type: 'LAN', Left: 1 }],
      'local',
    );
    await using peer = await RawPeer.join(device.listener.port, 2);
    const hello = encodeHello({ features: ['pex'], mayUseHttp: true, listenPort: 9 });
    await peer.say({ type: 'extension', id: ExtensionId.hello, body: hello });
    await until(() => peer.messages.some((m) => m.type === 'extension' && m.id === 0));
    const said = peer.messages.find((m) => m.type === 'extension');
    assert.ok(said?.type === 'extension');
    assert.doesNotMatch(Buffer.from(said.body).toString(), /pex/);
    await peer.say({ type: 'extension', id: ExtensionId.peers, body: new Uint8Array(1) });
    await peer.dropped();
  });
});
