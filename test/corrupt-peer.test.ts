/** Promise 2: nothing unverified reaches the caller, and who sends bad pieces is banned. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCorruptPeer } from './corrupt-peer.test-kit.ts';
import { MiB, startTestFleet } from './fleet.test-kit.ts';

test('with a corrupting peer among the four, the others verify and ban it', async () => {
  await using t = await startTestFleet({ devices: 3, size: 24 * MiB, sourceRate: 12 * MiB });
  await using peer = await startCorruptPeer({
    cloudUrl: String(t.fleet.cloud.ready.Url),
    contentUrl: t.fleet.source.url,
  });
  const ends = await Promise.all(t.fleet.devices.map((device) => t.fetch(device)));
  for (const [i, status] of ends.entries()) {
    await t.assertDelivered(t.fleet.devices[i]!, status);
    assert.equal(status.BannedPeers, 1);
    assert.ok(status.BadPieces >= 3);
  }
  assert.ok(peer.sentBlocks >= 9);
});
