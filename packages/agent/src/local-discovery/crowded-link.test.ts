import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { ManualClock, offerToken } from '@sluice/protocol';
import { pino } from 'pino';
import { LocalPeers } from './local-peers.ts';
import { FakeLan } from './testing/fake-lan.test-kit.ts';

test('of a content a thousand devices are remembered; who was heard longest ago makes room', async () => {
  const lan = new FakeLan();
  const clock = new ManualClock();
  const peers = new LocalPeers({
    discovery: lan.join('10.0.0.1'),
    self: '1'.padStart(40, '0'),
    port: () => 7_680,
    clock,
    randomBytes,
    logger: pino({ level: 'silent' }),
  });
  const crowd = lan.join('10.0.0.2');
  const key = { hashOfHashes: new Uint8Array(32).fill(1), groupId: undefined };
  const found: string[] = [];
  const lost: string[] = [];
  peers.add({
    ...key,
    isComplete: () => false,
    found: ([first]) => void found.push(first!.PeerId),
    lost: (peer) => void lost.push(peer),
  });
  await new Promise((resolve) => setImmediate(resolve));
  for (let n = 0; n < 1_500; n++) {
    const peerId = (1_000 + n).toString(16).padStart(40, '0');
    const salt = new Uint8Array(16);
    const token = offerToken(key, { peerId, salt, complete: true });
    lan.tell(crowd, { peerId, port: 7_680, salt, tokens: [token] });
    clock.advance(10);
  }
  assert.equal(new Set(found).size, 1_500);
  assert.deepEqual(lost, found.slice(0, 500));
  await peers.close();
});
