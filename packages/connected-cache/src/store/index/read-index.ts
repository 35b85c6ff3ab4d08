import { join } from 'node:path';
import type { StoreFiles } from '../store-files.ts';
import { maxFrame, readFrames } from './frames.ts';
import { decodeFrame } from './index-entries.ts';
import type { IndexState } from './index-state.ts';

export interface ReadIndex {
  /** The number of the next log. */
  next: number;
  /** Bytes of logs after the snapshot. */
  logged: number;
  /** Bytes of the snapshot. */
  snapshot: number;
  /** Whether something could not be read. */
  damaged: boolean;
}

export const logName = (n: number) => `${n}.log`;
export const snapshotName = (n: number) => `${n}.snapshot`;

const partBytes = 2 ** 20;

/**
 * Reads the newest snapshot of a drive and the logs since into `state`; what is damaged in them does
 * not count, and all of it is checked again before a byte is served.
 * @throws what reading throws
 */
export async function readIndex(
  files: StoreFiles,
  folder: string,
  state: IndexState,
): Promise<ReadIndex> {
  const names = await files.list(folder);
  const last = numbered(names, 'snapshot').at(-1) ?? 0;
  const logs = numbered(names, 'log').filter((n) => n >= last);
  const next = Math.max(last, logs.at(-1) ?? 0) + 1;
  const read: ReadIndex = { next, logged: 0, snapshot: 0, damaged: false };
  if (last > 0) read.snapshot = await take(snapshotName(last));
  for (const n of logs) read.logged += await take(logName(n));
  return read;

  async function take(name: string): Promise<number> {
    const { length, whole } = await readWhole(files, join(folder, name), state);
    read.damaged ||= whole < length;
    return length;
  }
}

/** Reads a file part by part: all of a large index at once would double the memory of a start. */
async function readWhole(
  files: StoreFiles,
  path: string,
  state: IndexState,
): Promise<{ length: number; whole: number }> {
  const file = await files.open(path, 'r');
  try {
    let buffer = Buffer.allocUnsafeSlow(partBytes);
    let kept = 0;
    let length = 0;
    let whole = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, kept, buffer.length - kept, length);
      if (bytesRead === 0) return { length, whole };
      length += bytesRead;
      kept += bytesRead;
      const bytes = buffer.subarray(0, kept);
      const taken = readFrames(bytes, (type, start, end) =>
        decodeFrame(bytes, type, start, end, state.apply),
      );
      whole += taken;
      if (taken === 0 && kept === buffer.length) {
        // A frame that is longer than the buffer, or damage.
        if (buffer.length > maxFrame) return { length, whole };
        buffer = Buffer.concat([buffer], 2 * buffer.length);
      } else if (taken > 0) {
        buffer.copyWithin(0, taken, kept);
        kept -= taken;
      }
    }
  } finally {
    await file.close();
  }
}

function numbered(names: string[], ending: string): number[] {
  const pattern = new RegExp(`^(\\d{1,15})\\.${ending}$`);
  return names
    .flatMap((name) => pattern.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}
