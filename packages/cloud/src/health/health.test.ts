import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { startCloud } from '../cloud.test-support.ts';
import { StoreProbe } from './store-probe.ts';

test('a cloud is ready until it is told to stop, serves on while it drains, then closes', async (t) => {
  const { ask, join, cloud, clock } = await startCloud(t, { drainMs: 10_000 });
  await join({});
  const health = await ask('/health');
  assert.deepEqual([health.status, health.json], [200, { Status: 'ok', Swarms: 1, Peers: 1 }]);
  const ready = await ask('/ready');
  assert.deepEqual([ready.status, ready.json], [200, { Status: 'ready' }]);

  const kept = connect(Number(new URL(cloud.url).port), '127.0.0.1');
  await once(kept, 'connect');
  kept.write('GET /geo HTTP/1.1\r\nHost: h\r\n\r\n');
  const [before] = await once(kept, 'data');
  assert.match(String(before), /connection: keep-alive/i);

  const closed = cloud.close();
  const draining = await ask('/ready');
  assert.deepEqual([draining.status, draining.json], [503, { Status: 'draining' }]);
  assert.equal((await ask('/health')).status, 200);
  assert.equal((await join({ PeerId: '1'.repeat(40) })).status, 200);
  kept.write('GET /geo HTTP/1.1\r\nHost: h\r\n\r\n');
  const [last] = await once(kept, 'data');
  assert.match(String(last), /^HTTP\/1.1 200 .*connection: close/is);
  await once(kept, 'close');

  clock.advance(10_000);
  await closed;
  await assert.rejects(ask('/health'), { code: 'ECONNREFUSED' });
});

test('a store that fails, or does not answer in time, is away until it answers again', async () => {
  const clock = new ManualClock();
  let answer: () => Promise<unknown[]> = () => Promise.reject(new Error('no connection'));
  let asked = 0;
  const list = () => {
    asked++;
    return answer();
  };
  const parts = {
    catalogue: { list },
    alarms: { open: async () => 2 },
    registry: { stats: async () => ({ swarms: 3, peers: 4 }) },
    clock,
  };
  const probe = new StoreProbe(parts as never);
  const away = { away: ['database'], swarms: 3, peers: 4, alarms: undefined };
  assert.deepEqual(await probe.look(), away);

  const { promise, resolve } = Promise.withResolvers<unknown[]>();
  answer = () => promise;
  const [one, two] = [probe.look(), probe.look()];
  assert.equal(asked, 2);
  clock.advance(2_000);
  assert.deepEqual([await one, await two], [away, away]);
  resolve([]);
  assert.deepEqual((await probe.look()).away, []);
  assert.deepEqual((await probe.look()).alarms, 2);
  assert.equal(asked, 2);
  clock.advance(1_000);
  await probe.look();
  assert.equal(asked, 3);
});
