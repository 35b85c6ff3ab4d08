import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256OfFile } from '@sluice/agent';
import { DemoFleet, type Device, writeDemoFile } from '@sluice/cli';
import type { DownloadStatus } from '@sluice/protocol';

export const MiB = 1 << 20;

/** A fleet of real processes on loopback with a file of its own; all is gone when it is disposed. */
export interface TestFleet extends AsyncDisposable {
  readonly fleet: DemoFleet;
  readonly size: number;
  /** Of the file. */
  readonly sha256: string;
  readonly signal: AbortSignal;
  /** Has the device fetch the file; `onStatus` hears of its progress. */
  fetch(device: Device, onStatus?: (status: DownloadStatus) => void): Promise<DownloadStatus>;
  /** Asserts that the device delivered the very file that was published. */
  assertDelivered(device: Device, status: DownloadStatus): Promise<void>;
}

export async function startTestFleet(options: {
  devices: number;
  size: number;
  sourceRate?: number;
  cloudFlags?: string[];
  front?: (cloudUrl: string) => Promise<string>;
}): Promise<TestFleet> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-test-'));
  const control = new AbortController();
  const { signal } = control;
  const file = path.join(folder, 'content.bin');
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await writeDemoFile(file, options.size, signal);
    const fleet = await DemoFleet.start({ ...options, folder, file, log: () => {} }, signal);
    const expected = await sha256OfFile(file);
    return {
      fleet,
      size: options.size,
      sha256: expected,
      signal,
      async fetch(device, onStatus = () => {}) {
        return fleet.follow(device, await fleet.request(device), onStatus, signal);
      },
      async assertDelivered(device, status) {
        assert.equal(status.Error, null, `device ${device.number}`);
        assert.equal(status.State, 'Finalized');
        assert.equal(status.Verified, true);
        assert.equal(await sha256OfFile(device.output), expected);
      },
      async [Symbol.asyncDispose]() {
        control.abort();
        await fleet.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Resolves when the device has at least this part (0 to 1) of the file, or is done. */
export function reached(part: number): {
  onStatus: (status: DownloadStatus) => void;
  promise: Promise<DownloadStatus>;
} {
  const { promise, resolve } = Promise.withResolvers<DownloadStatus>();
  return {
    promise,
    onStatus(status) {
      if (status.FileSize > 0 && status.FileSizeInCache >= part * status.FileSize) resolve(status);
    },
  };
}
