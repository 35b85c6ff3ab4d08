import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256OfFile } from '@sluice/agent';
import { type DownloadStatus, sluiceError } from '@sluice/protocol';
import { whenAborted } from '../process/stop-signal.ts';
import { openDemoConsole } from './demo-console.ts';
import { writeDemoFile } from './demo-file.ts';
import { DemoFleet } from './demo-fleet.ts';
import type { RunDemo } from './demo-types.ts';

/** Starts a fleet on this machine, has all devices fetch one file at the same moment, checks the results. */
export const runDemo: RunDemo = async (options, render, signal) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-demo-'));
  try {
    const file = options.file ?? path.join(folder, 'content.bin');
    if (!options.file) await writeDemoFile(file, options.size, signal);
    const { log } = render;
    await using fleet = await DemoFleet.start(
      { folder, file, devices: options.devices, log, ...(options.open && (await watchable(file))) },
      signal,
    );
    if (options.open) await openDemoConsole(fleet, { folder, log, signal });
    const show = inOrder(render.device);
    const startedAt = performance.now();
    const ended = await Promise.all(
      fleet.devices.map(async (device) => {
        const id = await fleet.request(device);
        return fleet.follow(device, id, (status) => show(device.number, status), signal);
      }),
    );
    const elapsed = performance.now() - startedAt;
    const failed = ended.find((status) => status.Error)?.Error;
    if (failed) throw sluiceError('DemoDeviceFailed', { detail: failed.Message });
    const expected = await sha256OfFile(file, { signal });
    const devices: DownloadStatus[] = [];
    for (const [i, status] of ended.entries()) {
      // Not the device's word: the file it delivered is read.
      const actual = await sha256OfFile(fleet.devices[i]!.output, { signal });
      devices.push({ ...status, Sha256: actual, Verified: status.Verified && actual === expected });
    }
    const report = {
      FileSize: ended[0]!.FileSize,
      Sha256: expected,
      Devices: devices,
      SourceBytes: fleet.source.sentBytes,
      DuplicateBytes: devices.reduce((sum, d) => sum + d.DuplicateBytes, 0),
      ElapsedMs: Math.round(elapsed),
    };
    if (options.open) {
      render.done(report);
      await whenAborted(signal);
    }
    return report;
  } finally {
    if (options.keep) render.log(`results are in ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
};

/** How long the HTTP source takes for one copy that somebody watches, s. */
const watchedSeconds = 40;

/** A source slow enough that one sees who helps whom, and a cache node that the cloud knows. */
async function watchable(file: string) {
  const { size } = await stat(file);
  return { sourceRate: Math.max(1, Math.ceil(size / watchedSeconds)), register: true };
}

/** Lets a device be shown only after those of lower number, so that the bars stand in order. */
function inOrder(show: (number: number, status: DownloadStatus) => void): typeof show {
  const waiting = new Map<number, DownloadStatus>();
  let next = 1;
  return (number, status) => {
    if (number < next) {
      show(number, status);
      return;
    }
    waiting.set(number, status);
    for (let first = waiting.get(next); first; first = waiting.get(next)) show(next++, first);
  };
}
