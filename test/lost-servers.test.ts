/** Promise 1: whatever clever part fails, the file still arrives. */
import { test } from 'node:test';
import { MiB, reached, startTestFleet } from './fleet.test-kit.ts';

test('with the cloud stopped half-way, all devices finish', async () => {
  await using t = await startTestFleet({ devices: 4, size: 16 * MiB, sourceRate: 12 * MiB });
  const { devices } = t.fleet;
  const half = reached(0.4);
  const ends = devices.map((device, i) => t.fetch(device, i === 0 ? half.onStatus : undefined));
  await half.promise;
  await t.fleet.cloud.kill();
  for (const [i, status] of (await Promise.all(ends)).entries()) {
    await t.assertDelivered(devices[i]!, status);
  }
});

test('with the cache node stopped on the way, then one device lost, all others finish', async () => {
  await using t = await startTestFleet({ devices: 4, size: 16 * MiB, sourceRate: 12 * MiB });
  const [lost, ...others] = t.fleet.devices;
  const [third, half] = [reached(0.3), reached(0.5)];
  await t.fleet.request(lost!);
  const ends = others.map((device, i) =>
    t.fetch(device, (status) => {
      if (i === 0) for (const { onStatus } of [third, half]) onStatus(status);
    }),
  );
  await third.promise;
  await t.fleet.cacheNode.kill();
  await half.promise;
  await lost!.server.kill();
  for (const [i, status] of (await Promise.all(ends)).entries()) {
    await t.assertDelivered(others[i]!, status);
  }
});
