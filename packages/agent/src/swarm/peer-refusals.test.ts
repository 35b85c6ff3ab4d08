import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { blackHole } from '../testing/addresses.test-kit.ts';
import { contentOf, type Device, peerId, testDevice } from './testing/device.ts';
import { RawPeer } from './testing/raw-peer.ts';
import { until } from './testing/until.ts';

const bytes = contentOf(20);
const seed = (clock = new ManualClock()) =>
  testDevice({ id: 1, content: { bytes, has: 'all' }, clock });

const refusals = ({ swarm }: Device) =>
  swarm.refusals.entries().map(({ ruledOut, count }) => [ruledOut.rule, count]);

describe('peers that are not used', () => {
  it('no connection in time, no handshake in time: who and why', async () => {
    await using hole = await blackHole();
    await using device = await seed();
    const Port = Number(hole.host.split(':')[1]);
    const entry = { PeerId: peerId(2), Ip: '127.0.0.1', Port, Type: 'LAN' as const, Left: 1 };
    device.swarm.offer([entry]);
    // Before the event loop had a turn in which it could connect.
    device.clock.advance(3_000);
    await until(() => refusals(device).length === 1);
    assert.deepEqual(refusals(device), [['PeerConnectTimeout', 1]]);
    // The next try comes five seconds later, with a turn of the event loop to connect in.
    device.clock.advance(5_000);
    await until(() => device.swarm.acquaintance.greeting === 1);
    device.clock.advance(5_000);
    await until(() => refusals(device).length === 2);
    const [, stalled] = device.swarm.refusals.entries();
    assert.deepEqual(refusals(device)[1], ['PeerStalled', 1]);
    assert.equal(stalled!.ruledOut.actual, 'it sent nothing for 5 s');
    assert.deepEqual(stalled!.subjects, [hole.host]);
  });

  it('banned, and kept out; a limit of ours', async () => {
    await using device = await seed();
    await using bad = await RawPeer.join(device.listener.port, 2);
    await until(() => [...device.swarm.members].length === 1);
    device.swarm.ban([...device.swarm.members][0]!, 'badPieces');
    await bad.dropped();
    await using again = await RawPeer.join(device.listener.port, 2);
    await again.dropped();
    assert.deepEqual(refusals(device), [
      ['PeerBanned', 1],
      ['PeerBanned', 1],
    ]);
    await using stack = new AsyncDisposableStack();
    for (let id = 3; id < 45; id++) stack.use(await RawPeer.join(device.listener.port, id));
    await until(() => refusals(device).length === 3);
    await until(() => refusals(device)[2]?.[1] === 2);
    assert.equal(refusals(device)[2]?.[0], 'PeerLimit');
  });

  it('who breaks the protocol; who only leaves, or comes twice, is none', async () => {
    await using device = await seed();
    await using first = await RawPeer.join(device.listener.port, 2);
    await using second = await RawPeer.join(device.listener.port, 2);
    await second.dropped();
    await first.close();
    await until(() => [...device.swarm.members].length === 0);
    assert.deepEqual(refusals(device), []);
    await using liar = await RawPeer.join(device.listener.port, 3);
    await liar.write(Buffer.alloc(4_096, 0xff));
    await liar.dropped();
    await until(() => refusals(device).length === 1);
    assert.match(String(refusals(device)[0]![0]), /^(InvalidMessage|MessageTooLong)$/);
  });

  it('closing is nobody’s fault', async () => {
    await using hole = await blackHole();
    const device = await seed();
    const Port = Number(hole.host.split(':')[1]);
    device.swarm.offer([{ PeerId: peerId(2), Ip: '127.0.0.1', Port, Type: 'LAN', Left: 1 }]);
    await using peer = await RawPeer.join(device.listener.port, 3);
    await device[Symbol.asyncDispose]();
    await peer.dropped();
    assert.deepEqual(refusals(device), []);
  });
});
