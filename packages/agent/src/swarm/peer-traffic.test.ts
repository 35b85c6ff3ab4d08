import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { PeerTraffic } from './peer-traffic.ts';

test('rates are averages of the last 20 s, of less where there is less', () => {
  const clock = new ManualClock();
  let received = 0;
  const traffic = new PeerTraffic(clock, () => received);
  assert.deepEqual(traffic.rates(), { up: 0, down: 0 });
  const second = (up: number, down: number) => {
    traffic.sent += up;
    received += down;
    clock.advance(1_000);
    traffic.mark();
  };
  for (let i = 0; i < 10; i++) second(100, 1_000);
  assert.deepEqual(traffic.rates(), { up: 100, down: 1_000 });
  for (let i = 0; i < 10; i++) second(0, 0);
  assert.deepEqual(traffic.rates(), { up: 50, down: 500 });
  for (let i = 0; i < 20; i++) second(0, 10);
  assert.deepEqual(traffic.rates(), { up: 0, down: 10 });
  assert.deepEqual([traffic.sent, traffic.received], [1_000, 10_200]);
});
