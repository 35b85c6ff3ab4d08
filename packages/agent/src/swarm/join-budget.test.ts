import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf, testDevice } from './testing/device.ts';
import { RawPeer } from './testing/raw-peer.ts';
import { until } from './testing/until.ts';

const bytes = contentOf(20);

/** Comes and goes again and again under other names, until it is not let in. @returns how often it was, 150 times at most. */
async function comeAndGo(device: Awaited<ReturnType<typeof testDevice>>, first: number) {
  const { swarm, refused, listener } = device;
  const before = refused.length;
  for (let n = 0; n < 150; n++) {
    await using _ = await RawPeer.join(listener.port, first + n);
    await until(() => [...swarm.members].length === 1 || refused.length > before);
    if (refused.length > before) return n;
    for (const m of swarm.members) m.connection.destroy();
    await until(() => [...swarm.members].length === 0);
  }
  return 150;
}

test('who comes and goes all the time, while pieces are missing, is let in a hundred times, then so often a second', async () => {
  await using device = await testDevice({ id: 1, content: { bytes, has: 'nothing' } });
  assert.equal(await comeAndGo(device, 1_000), 100);
  assert.deepEqual(device.refused, ['PeerLimit']);
  // A million pieces a second: of this content one is 20 us.
  device.clock.advance(1);
  assert.equal(await comeAndGo(device, 2_000), 50);
});

test('of a device that has everything nothing is kept of what peers have, and they come as they like', async () => {
  await using device = await testDevice({ id: 1, content: { bytes, has: 'all' } });
  assert.equal(await comeAndGo(device, 1_000), 150);
});
