import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PeerEntry } from '@sluice/protocol';
import type { OwnAddress } from '../network/own-address.ts';
import type { PeerRestriction } from '../network/peer-restriction.ts';
import { contentOf, peerId, testDevice } from './testing/device.ts';
import { RawPeer } from './testing/raw-peer.ts';
import { until } from './testing/until.ts';

const bytes = contentOf(3);
const loopback: OwnAddress = {
  address: '127.0.0.1',
  prefix: 8,
  zone: 'lo',
  internal: true,
  tunnel: false,
};
const elsewhere: OwnAddress = {
  ...{ address: '10.0.0.1', prefix: 24, zone: 'eth0' },
  ...{ internal: false, tunnel: false },
};
const entryOf = (id: number, Port: number): PeerEntry => ({
  PeerId: peerId(id),
  Ip: '127.0.0.1',
  Port,
  Type: 'LAN',
  Left: 1,
});

function device(restriction: PeerRestriction, own: OwnAddress[]) {
  const content = { bytes, has: 'all' as const };
  return testDevice({ id: 1, content, network: { restriction, own: () => own } });
}

describe('who comes in', () => {
  const cases: [PeerRestriction, OwnAddress, boolean, boolean][] = [
    ['none', elsewhere, false, true],
    ['subnet', elsewhere, false, false],
    ['subnet', loopback, false, true],
    ['local', loopback, false, false],
    ['local', loopback, true, true],
    ['local', elsewhere, true, false],
  ];
  for (const [restriction, own, found, welcome] of cases) {
    const how = `${restriction}, ${found ? '' : 'not '}found locally, from ${own.address}`;
    it(`is ${welcome ? '' : 'not '}admitted: ${how}`, async () => {
      await using us = await device(restriction, [own]);
      if (found) us.swarm.offer([entryOf(2, 9)], 'local');
      await using peer = await RawPeer.join(us.listener.port, 2);
      assert.deepEqual([peer.greeted, us.refused], [welcome, welcome ? [] : ['PeerRestricted']]);
    });
  }

  it('under a name found locally that is not there any more is not admitted', async () => {
    await using us = await device('local', [loopback]);
    us.swarm.offer([entryOf(2, 9)], 'local');
    us.swarm.retract(peerId(2), 'local');
    await using peer = await RawPeer.join(us.listener.port, 2);
    assert.deepEqual([peer.greeted, us.refused], [false, ['PeerRestricted']]);
  });
});

describe('who is dialled', () => {
  it('is not this device under another name', async () => {
    await using us = await device('none', [loopback]);
    us.swarm.offer([entryOf(2, us.listener.port)]);
    assert.equal(us.swarm.acquaintance.connecting, 0);
    us.swarm.offer([entryOf(3, us.listener.port + 1)]);
    assert.equal(us.swarm.acquaintance.connecting, 1, 'another program on this host is');
  });

  it('is whom the restriction allows', async () => {
    await using them = await testDevice({ id: 2, content: { bytes, has: 'nothing' } });
    await using us = await device('local', [loopback]);
    us.swarm.offer([them.entry]);
    us.swarm.offer([them.entry], 'peer');
    assert.equal(us.swarm.acquaintance.connecting, 0);
    us.swarm.offer([them.entry], 'local');
    await until(() => [...us.swarm.members].length === 1);
  });
});

describe('when all places are taken', () => {
  it('a seed that the array names gets the place of a device that brings nothing', async () => {
    await using stack = new AsyncDisposableStack();
    const us = stack.use(await testDevice({ id: 1, content: { bytes, has: 'nothing' } }));
    for (let id = 2; id < 42; id++) stack.use(await RawPeer.join(us.listener.port, id));
    for (let id = 42; id < 52; id++) {
      const chosen = stack.use(await testDevice({ id, content: { bytes, has: 'nothing' } }));
      us.swarm.offer([chosen.entry]);
    }
    await until(() => [...us.swarm.members].length === 50);
    const seed = stack.use(await testDevice({ id: 60, content: { bytes, has: 'all' } }));
    us.swarm.offer([{ ...seed.entry, Left: 0 }]);
    assert.equal(us.swarm.acquaintance.connecting, 0, 'they are new: nobody goes');
    us.clock.advance(30_000);
    await until(() => [...us.swarm.members].some((m) => m.connection.peerId === seed.id));
    assert.equal([...us.swarm.members].length, 50);
    assert.deepEqual(us.refused, []);
  });
});
