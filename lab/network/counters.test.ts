import assert from 'node:assert/strict';
import { test } from 'node:test';
import { difference, parseCounters } from './counters.ts';

const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
   wan: 70123456  48000    0    0    0     0          0         0  1234567   24000    0    0    0     0       0          0
`;

test('received and sent bytes of the interface that was asked for', () => {
  assert.deepEqual(parseCounters(text, 'wan'), { received: 70_123_456, sent: 1_234_567 });
  assert.deepEqual(parseCounters(text, 'lo'), { received: 0, sent: 0 });
});

test('an interface that is not there is an error, not zero', () => {
  assert.throws(() => parseCounters(text, 'wa'), /no counters of wa/);
  assert.throws(() => parseCounters('', 'wan'));
});

test('what came between two looks', () => {
  assert.deepEqual(difference({ received: 5, sent: 3 }, { received: 1, sent: 3 }), {
    received: 4,
    sent: 0,
  });
});
