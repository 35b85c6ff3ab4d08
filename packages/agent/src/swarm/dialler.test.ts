import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { ManualClock, type PeerEntry, sluiceError } from '@sluice/protocol';
import { pino } from 'pino';
import { refusedHost } from '../testing/addresses.test-kit.ts';
import { Dialler } from './dialler.ts';
import { SwarmSocket } from './swarm-socket.ts';
import { peerId } from './testing/device.ts';
import { handshakeOf } from './testing/raw-peer.ts';
import { until } from './testing/until.ts';

/** A listener that shakes hands as peer `id`. */
async function peerAt(id: number, host = '127.0.0.1') {
  const server = createServer((socket) => {
    // Read, so that its end is seen.
    socket.on('error', () => {}).resume();
    socket.write(handshakeOf(id));
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    entryOf: (peer: number): PeerEntry => ({
      PeerId: peerId(peer),
      Ip: host,
      Port: port,
      Type: 'LAN',
      Left: 1,
    }),
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

function diallerOn(clock: ManualClock, dial?: typeof SwarmSocket.dial) {
  const connected: string[] = [];
  const dialler = new Dialler({
    clock,
    logger: pino({ level: 'silent' }),
    handshake: () => handshakeOf(1),
    room: () => 50,
    isWanted: () => true,
    failed: () => {},
    ...(dial && { dial }),
    connected(socket, handshake) {
      socket.destroy();
      if (handshake.peerId === peerId(1)) throw sluiceError('PeerIsSelf');
      connected.push(handshake.peerId);
    },
  });
  return { dialler, connected };
}

describe('a peer with several addresses', () => {
  it('is reached at the one that answers; the one that refuses is forgotten', async () => {
    const clock = new ManualClock();
    const { dialler, connected } = diallerOn(clock);
    await using peer = await peerAt(2);
    const alive = peer.entryOf(2);
    const dead = { ...alive, Port: Number((await refusedHost()).split(':')[1]) };
    for (const entry of [alive, dead]) dialler.book.add(entry, 'local');
    dialler.dial();
    await until(() => connected.length === 1);
    await until(() => dialler.book.greeting === 0);
    assert.deepEqual([connected, dialler.book.entry(peerId(2))], [[peerId(2)], alive]);
    await dialler.close();
    assert.equal(clock.pending, 0);
  });

  it('is not waited for at one that is silent', async () => {
    const clock = new ManualClock();
    const silent = '10.0.0.2';
    const { dialler, connected } = diallerOn(clock, (host, port, signal) =>
      host === silent
        ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        : SwarmSocket.dial(host, port, signal),
    );
    await using peer = await peerAt(2);
    const alive = peer.entryOf(2);
    for (const entry of [alive, { ...alive, Ip: silent }]) dialler.book.add(entry, 'local');
    dialler.dial();
    await until(() => {
      clock.advance(50);
      return connected.length === 1;
    });
    await until(() => dialler.book.greeting === 0);
    assert.deepEqual(dialler.book.take(50, () => true)[0]?.addresses, [alive]);
    await dialler.close();
  });
});

describe('an address where somebody else is', () => {
  it('is a connection to that peer, and a failure for the one it was to be', async () => {
    const clock = new ManualClock();
    const { dialler, connected } = diallerOn(clock);
    await using peer = await peerAt(3);
    dialler.book.add(peer.entryOf(2));
    dialler.dial();
    await until(() => connected.length === 1);
    await until(() => dialler.book.greeting === 0);
    assert.deepEqual(connected, [peerId(3)]);
    dialler.dial();
    assert.equal(dialler.book.connecting, 0, 'not again at once');
    await dialler.close();
  });

  it('that is this device itself is forgotten', async () => {
    const clock = new ManualClock();
    const { dialler, connected } = diallerOn(clock);
    await using self = await peerAt(1);
    await using peer = await peerAt(2);
    for (const entry of [peer.entryOf(2), self.entryOf(2)]) dialler.book.add(entry, 'local');
    dialler.dial();
    await until(() => dialler.book.connecting + dialler.book.greeting === 0);
    assert.deepEqual(connected, []);
    assert.deepEqual(dialler.book.entry(peerId(2)), peer.entryOf(2));
    await dialler.close();
  });
});
