import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ExtensionId,
  encodeHello,
  encodeMessage,
  encodePhfRequest,
  encodePieceHeader,
  ManualClock,
  PieceMap,
  pieceCount,
} from '@sluice/protocol';
import { CollectingSink } from '../source/testing/collecting-sink.ts';
import { contentOf, peerId, testDevice } from './testing/device.ts';
import { handshakeOf, RawPeer } from './testing/raw-peer.ts';
import { until } from './testing/until.ts';

const bytes = contentOf(20);
const seed = (clock?: ManualClock) =>
  testDevice({ id: 1, content: { bytes, has: 'all' }, ...(clock ? { clock } : {}) });

describe('a swarm and its honest peers', () => {
  it('greets with what it has, serves what is asked, and counts it', async () => {
    await using device = await seed();
    await using peer = await RawPeer.join(device.listener.port, 2);
    assert.equal((await peer.heard('bitfield')).bits.length, 3);
    await peer.say({ type: 'interested' });
    await peer.heard('unchoke');
    await peer.say({ type: 'request', piece: 3, offset: 16_384, length: 1_000 });
    await until(() => peer.blocks[0]?.bytes.length === 1_000);
    const at = 3 * 65_536 + 16_384;
    assert.ok(peer.blocks[0]!.bytes.equals(bytes.subarray(at, at + 1_000)));
    await until(() => device.swarm.sent.Lan === 1_000);
  });

  it('two devices that dial each other end with one connection', async () => {
    await using a = await seed();
    await using b = await testDevice({ id: 2, content: { bytes, has: 'nothing' } });
    a.swarm.offer([b.entry]);
    b.swarm.offer([a.entry]);
    const settled = ({ swarm }: typeof a) =>
      swarm.acquaintance.connecting === 0 && [...swarm.members].length === 1;
    await until(() => settled(a) && settled(b));
    await until(() => [...a.swarm.members, ...b.swarm.members].every((m) => m.acquainted));
    const incoming = [a, b].flatMap(({ swarm }) =>
      [...swarm.members].map((m) => m.connection.incoming),
    );
    assert.deepEqual(incoming.sort(), [false, true]);
  });

  it('gives the hash list to who has none', async () => {
    await using device = await seed();
    await using peer = await RawPeer.join(device.listener.port, 2);
    const body = encodePhfRequest({ offset: 0 });
    await peer.say({ type: 'extension', id: ExtensionId.phfRequest, body });
    await until(() =>
      peer.messages.some((m) => m.type === 'extension' && m.id === ExtensionId.phfData),
    );
  });

  it('tells the site how large a share it takes, and hears when that is known', async () => {
    await using a = await seed();
    await using b = await testDevice({ id: 2, content: { bytes, has: 'nothing' } });
    const heard: unknown[] = [];
    const ignore = () => {};
    const watcher = { has: ignore, choked: ignore, claimed: ignore, released: ignore, phf: ignore };
    const comings = { joined: ignore, left: ignore };
    const hello = (_: unknown, said: { handicap?: number }) => heard.push(said.handicap);
    a.swarm.watch({ ...watcher, ...comings, hello });
    b.swarm.offer([a.entry]);
    const all = () => [...a.swarm.members, ...b.swarm.members];
    await until(() => all().length === 2 && all().every((m) => m.acquainted));
    const answered = new Promise<void>((resolve) => {
      b.swarm.watch({ ...watcher, ...comings, hello: ignore, answered: () => resolve() });
    });
    b.swarm.setHandicap(3);
    assert.equal([...b.swarm.members][0]!.acquainted, false);
    await answered;
    assert.equal(heard.at(-1), 3);
  });

  it('seeds let go of seeds', async () => {
    await using a = await seed();
    await using b = await testDevice({ id: 2, content: { bytes, has: 'all' } });
    b.swarm.offer([a.entry]);
    await until(() => [...a.swarm.members].some((m) => m.isSeed));
    a.swarm.dropSeeds();
    assert.equal([...a.swarm.members].length, 1, 'it has only just told what it has');
    a.clock.advance(1_000);
    await until(() => [...a.swarm.members, ...b.swarm.members].length === 0);
  });

  it('who has got everything is kept waiting by no seed in the middle of a block', async () => {
    await using device = await testDevice({ id: 1 });
    const content = device.learn(bytes, 'nothing');
    await using peer = await RawPeer.join(device.listener.port, 2);
    const bits = PieceMap.full(pieceCount(content)).toBitfield();
    await peer.say({ type: 'bitfield', bits }, { type: 'unchoke' });
    await until(() => [...device.swarm.members].some((m) => m.isSeed && !m.choked));
    const [member] = device.swarm.members;
    const control = new AbortController();
    const sink = new CollectingSink();
    const fetched = member!.connection.fetch({ start: 0, end: 65_536 }, sink, control.signal);
    await peer.heard('request');
    await peer.write(encodePieceHeader(0, 0, 65_536), bytes.subarray(0, 1_000));
    await until(() => sink.length === 1_000);
    device.swarm.dropSeeds();
    assert.equal([...device.swarm.members].length, 1, 'this device lacks pieces yet');
    for (let piece = 0; piece < pieceCount(content); piece++) content.entry.pieces.set(piece);
    control.abort();
    device.swarm.dropSeeds();
    await assert.rejects(fetched);
    await peer.dropped();
  });
});

describe('a swarm and who is not admitted', () => {
  const cases: [name: string, handshake: () => Uint8Array, code: string][] = [
    ['itself', () => handshakeOf(1), 'PeerIsSelf'],
    ['who wants another content', () => handshakeOf(2, 8), 'UnknownSwarm'],
  ];
  for (const [name, handshake, code] of cases) {
    it(`drops ${name} without a word`, async () => {
      await using device = await seed();
      await using peer = await RawPeer.connect(device.listener.port);
      await peer.write(handshake());
      await peer.dropped();
      assert.deepEqual([peer.greeted, device.refused], [false, [code]]);
    });
  }

  it('drops a second connection of the same peer, and keeps the first', async () => {
    await using device = await seed();
    await using first = await RawPeer.join(device.listener.port, 2);
    await using second = await RawPeer.join(device.listener.port, 2);
    await second.dropped();
    assert.deepEqual(device.refused, ['PeerAlreadyConnected']);
    assert.deepEqual([first.isOver, [...device.swarm.members].length], [false, 1]);
  });

  it('keeps a banned peer out, under that name', async () => {
    await using device = await seed();
    await using bad = await RawPeer.join(device.listener.port, 2);
    await until(() => [...device.swarm.members].length === 1);
    device.swarm.ban([...device.swarm.members][0]!, 'badPieces');
    await bad.dropped();
    await using again = await RawPeer.join(device.listener.port, 2);
    await again.dropped();
    assert.deepEqual([device.refused, device.swarm.bannedCount], [['PeerBanned'], 1]);
  });

  it('takes 40 who come, and leaves the other places to those it chooses', async () => {
    await using device = await seed();
    await using stack = new AsyncDisposableStack();
    for (let id = 2; id < 43; id++) stack.use(await RawPeer.join(device.listener.port, id));
    await until(() => device.refused.length === 1);
    assert.deepEqual(device.refused, ['PeerLimit']);
    assert.equal([...device.swarm.members].length, 40);
    await using chosen = await testDevice({ id: 99, content: { bytes, has: 'nothing' } });
    device.swarm.offer([chosen.entry]);
    await until(() => [...device.swarm.members].some((m) => m.connection.peerId === peerId(99)));
  });
});

describe('a swarm and hostile peers', () => {
  const hello = encodeHello({ features: [], mayUseHttp: true, listenPort: 1 });
  const cases: [name: string, sent: Uint8Array][] = [
    ['garbage', Buffer.alloc(4_096, 0xff)],
    ['a message that is too long', Buffer.from([0, 0x1f, 0x40, 1, 7])],
    ['a request beyond the content', request(20, 0, 100)],
    ['a request beyond its piece', request(0, 65_000, 1_000)],
    ['a request for nothing', request(0, 0, 0)],
    ['a request for more than a message may hold', request(0, 0, 0x7fff_ffff)],
    ['a block that nobody asked for', Buffer.from('0000000d07000000000000000041424344', 'hex')],
    ['a have beyond the content', encodeMessage({ type: 'have', piece: 20 })],
    ['a bitfield of another size', encodeMessage({ type: 'bitfield', bits: new Uint8Array(9) })],
    ['a hello that is no JSON', extension(ExtensionId.hello, Buffer.from('{'))],
    ['a claim that is cut off', extension(ExtensionId.claim, Buffer.from([0, 0, 0, 1, 0, 9]))],
  ];
  for (const [name, sent] of cases) {
    it(`drops who sends ${name}, and serves the others`, async () => {
      await using device = await seed();
      await using bad = await RawPeer.join(device.listener.port, 2);
      await using good = await RawPeer.join(device.listener.port, 3);
      for (const peer of [bad, good]) {
        await peer.say({ type: 'interested' });
        await peer.heard('unchoke');
      }
      await bad.write(sent);
      await bad.dropped();
      await good.say({ type: 'request', piece: 0, offset: 0, length: 100 });
      await until(() => good.blocks[0]?.bytes.length === 100);
      assert.deepEqual(
        [...device.swarm.members].map((m) => m.connection.peerId),
        [peerId(3)],
      );
    });
  }

  it('bears with what it does not know', async () => {
    await using device = await seed();
    await using peer = await RawPeer.join(device.listener.port, 2);
    await peer.write(extension(200, Buffer.from('?')));
    await peer.write(extension(ExtensionId.hello, hello), request(1, 0, 10));
    await peer.say({ type: 'keepAlive' }, { type: 'interested' });
    await peer.heard('unchoke');
    assert.deepEqual(peer.blocks, [], 'what was asked before the unchoke is not served');
  });

  it('drops who asks without end and does not read', async () => {
    await using device = await seed();
    await using peer = await RawPeer.join(device.listener.port, 2);
    await peer.say({ type: 'interested' });
    await peer.heard('unchoke');
    peer.socket.pause();
    const flood = Buffer.concat(Array.from({ length: 600 }, () => request(0, 0, 65_536)));
    await peer.write(flood);
    await until(() => [...device.swarm.members].length === 0);
  });

  it('drops who is silent for long', async () => {
    const clock = new ManualClock();
    await using device = await seed(clock);
    await using peer = await RawPeer.join(device.listener.port, 2);
    await until(() => [...device.swarm.members].length === 1);
    for (let s = 0; s < 300 && !peer.isOver; s++) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await peer.dropped();
  });

  it('who connects and says nothing is dropped', async () => {
    const clock = new ManualClock();
    await using device = await seed(clock);
    await using peer = await RawPeer.connect(device.listener.port);
    await until(() => device.listener.connections === 1);
    clock.advance(5_000);
    await peer.dropped();
  });

  it('those who say nothing cannot keep the others out', async () => {
    await using device = await seed();
    await using stack = new AsyncDisposableStack();
    for (let n = 0; n < 260; n++) stack.use(await RawPeer.connect(device.listener.port));
    await using peer = await RawPeer.join(device.listener.port, 2);
    assert.ok(peer.greeted);
  });
});

/** A request as it is on the wire: our own encoder refuses those that cannot be. */
function request(piece: number, offset: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(17);
  bytes.writeUInt32BE(13, 0);
  bytes[4] = 6;
  bytes.writeUInt32BE(piece, 5);
  bytes.writeUInt32BE(offset, 9);
  bytes.writeUInt32BE(length, 13);
  return bytes;
}

function extension(id: number, body: Uint8Array): Uint8Array {
  return encodeMessage({ type: 'extension', id, body });
}
