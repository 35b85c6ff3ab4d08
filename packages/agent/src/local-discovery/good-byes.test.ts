import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { pino } from 'pino';
import { LocalPeers } from './local-peers.ts';
import { FakeLan } from './testing/fake-lan.test-kit.ts';

/** A device that has a content, one that looks for it, and whom the second one took to be gone. */
async function world() {
  const lan = new FakeLan();
  const clock = new ManualClock();
  const gone: string[] = [];
  const join = async (n: number, complete: boolean) => {
    const link = lan.join(`10.0.0.${n}`, `fe80::${n}%eth0`);
    const peers = new LocalPeers({
      discovery: link,
      self: n.toString(16).padStart(40, '0'),
      port: () => 7_680,
      clock,
      randomBytes,
      logger: pino({ level: 'silent' }),
    });
    peers.add({
      hashOfHashes: new Uint8Array(32),
      groupId: undefined,
      isComplete: () => complete,
      found: () => {},
      lost: (peer) => void gone.push(peer),
    });
    await new Promise((resolve) => setImmediate(resolve));
    return link;
  };
  const seed = await join(1, true);
  await join(2, false);
  const advert = seed.advert!;
  return { lan, seed, advert, gone, join };
}

test('a good-bye from an address that never told of the device is not believed', async () => {
  const { lan, seed, advert, gone } = await world();
  lan.bye(lan.join('10.0.0.99'), advert);
  assert.deepEqual(gone, []);
  lan.bye(seed, advert);
  lan.bye(seed, advert);
  assert.deepEqual(gone, [advert.peerId]);
});

test('who tells what others told takes back no more than that, however many they are', async () => {
  const { lan, seed, advert, gone } = await world();
  const many = Array.from({ length: 10 }, (_, n) => lan.join(`10.0.0.${100 + n}`));
  for (const one of many) lan.tell(one, advert);
  for (const one of many) lan.bye(one, advert);
  assert.deepEqual(gone, []);
  lan.bye(seed, advert);
  assert.deepEqual(gone, [advert.peerId]);
});

test('a device that is heard over two families is gone when both say so', async () => {
  const { lan, seed, advert, gone } = await world();
  const overIpv6 = lan.join('fe80::1%eth0');
  lan.tell(overIpv6, advert);
  lan.bye(seed, advert);
  assert.deepEqual(gone, []);
  lan.bye(overIpv6, advert);
  assert.deepEqual(gone, [advert.peerId]);
});
