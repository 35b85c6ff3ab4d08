import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkBytes, parseNetDev } from './link-meter.ts';

test('bytes of all adapters but loopback', async () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 9000     10    0    0    0     0          0         0     9000      10    0    0    0     0       0          0
  eth0: 100       1    0    0    0     0          0         0       20       1    0    0    0     0       0          0
 wlan0:30         1    0    0    0     0          0         0        4       1    0    0    0     0       0          0
`;
  assert.deepEqual(parseNetDev(text), { received: 130, sent: 24 });
  assert.equal(await linkBytes('/nowhere'), undefined);
});
