/** A device that is killed at any moment goes on where it was, and fetches no verified piece twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DownloadStatus } from '@sluice/protocol';
import { MiB, reached, startTestFleet } from './fleet.test-kit.ts';

const kills = 6;
/** After so many the others start. Until then nothing comes faster than the source gives it. */
const killsAlone = 4;

test(`killed with SIGKILL at ${kills} moments and started again, it loses nothing verified`, async () => {
  await using t = await startTestFleet({ devices: 3, size: 32 * MiB, sourceRate: 6 * MiB });
  const [victim, ...others] = t.fleet.devices;
  let last: DownloadStatus | undefined;
  let progress = reached(0);
  const killed = t.fetch(victim!, (status) => {
    // A piece that was reported as verified must still be there after the kill.
    if (last && status.FileSize > 0) {
      assert.ok(status.FileSizeInCache >= last.FileSizeInCache, 'verified pieces were lost');
    }
    if (status.FileSize > 0) last = status;
    progress.onStatus(status);
  });
  let isOver = false;
  const over = killed.then(() => {
    isOver = true;
  });
  let rest: Promise<DownloadStatus>[] = [];
  for (let kill = 1; kill <= kills; kill++) {
    if (kill === killsAlone + 1) rest = others.map((device) => t.fetch(device));
    // Somewhere within the next seventh of the file, at no particular point.
    progress = reached((kill - Math.random()) / (kills + 1));
    // Peers may bring the rest while a busy machine starts the agent: too fast to be killed once more.
    await Promise.race([progress.promise, over]);
    if (isOver) break;
    await victim!.server.kill();
    victim!.server = await t.fleet.startDevice(victim!.number, t.signal);
  }
  assert.ok(rest.length > 0, 'it was over before the others started');
  const status = await killed;
  await t.assertDelivered(victim!, status);
  // What was there at the start of its last life and what came since is the file, once.
  assert.equal(status.TotalBytesDownloaded, t.size);
  assert.ok(status.ResumedBytes > 0, 'it resumed');
  for (const [i, other] of (await Promise.all(rest)).entries()) {
    await t.assertDelivered(others[i]!, other);
  }
});
