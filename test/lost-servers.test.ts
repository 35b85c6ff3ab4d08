/** Promise 1: whatever clever part fails, the file still arrives. */
import { test } from 'node:test';
import { MiB, reached, startTestFleet, type TestFleet } from './fleet.test-kit.ts';

async function losing(lose: (t: TestFleet) => Promise<void>): Promise<void> {
  await using t = await startTestFleet({ devices: 4, size: 16 * MiB, sourceRate: 12 * MiB });
  const { devices } = t.fleet;
  const half = reached(0.4);
  const ends = devices.map((device, i) => t.fetch(device, i === 0 ? half.onStatus : undefined));
  await half.promise;
  await lose(t);
  for (const [i, status] of (await Promise.all(ends)).entries()) {
    await t.assertDelivered(devices[i]!, status);
  }
}

test('with the cache node stopped half-way, all devices finish', () =>
  losing((t) => t.fleet.cacheNode.kill()));

test('with the cloud stopped half-way, all devices finish', () =>
  losing((t) => t.fleet.cloud.kill()));

test('with one device lost half-way, all others finish', async () => {
  await using t = await startTestFleet({ devices: 4, size: 16 * MiB, sourceRate: 12 * MiB });
  const [lost, ...others] = t.fleet.devices;
  const half = reached(0.4);
  await t.fleet.request(lost!);
  const ends = others.map((device, i) => t.fetch(device, i === 0 ? half.onStatus : undefined));
  await half.promise;
  await lost!.server.kill();
  for (const [i, status] of (await Promise.all(ends)).entries()) {
    await t.assertDelivered(others[i]!, status);
  }
});
