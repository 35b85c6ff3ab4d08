import { type BigIntStats, fstatSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { sluiceError } from '@sluice/protocol';
import type { Seal } from './entry-record.ts';
import type { RecordFile } from './record-file.ts';

/** Notes the present state of the complete data file. @param linked whether it is about to be the user's file too. */
export async function seal(data: FileHandle, record: RecordFile, linked: boolean): Promise<void> {
  if (linked) {
    // A whole second in the past: a change in the same tick of the clock as our last write shows too.
    const { atime, mtimeMs } = await data.stat();
    await data.utimes(atime, Math.floor(mtimeMs / 1000));
  }
  const next = sealOf(await data.stat({ bigint: true }), linked);
  await record.update((r) => ({ ...r, seal: next }));
}

/** Waits until the sealed file is on the disk, and notes it: then it needs no check after a power loss. */
export async function makeDurable(data: FileHandle, record: RecordFile): Promise<void> {
  const { seal } = record.value;
  if (!seal || seal.durable) return;
  await data.datasync();
  await record.update((r) => (r.seal === seal ? { ...r, seal: { ...seal, durable: true } } : r));
}

/** Whether the file is still as it was sealed. */
export function sealHolds(seal: Seal, stats: BigIntStats): boolean {
  const now = sealOf(stats, seal.linked);
  return now.size === seal.size && now.mtimeNs === seal.mtimeNs && now.ino === seal.ino;
}

/**
 * For a file that is the user's too. Synchronous: an fstat costs 2 µs, a trip to the thread pool 50.
 * @throws ContentChanged when it was written to since.
 */
export function checkUnchanged(data: FileHandle, record: RecordFile): void {
  const { seal, key } = record.value;
  if (seal?.linked && !sealHolds(seal, fstatSync(data.fd, { bigint: true }))) {
    throw sluiceError('ContentChanged', { key, detail: 'the delivered file was written to' });
  }
}

function sealOf(stats: BigIntStats, linked: boolean): Seal {
  return {
    size: Number(stats.size),
    mtimeNs: stats.mtimeNs.toString(),
    ino: stats.ino.toString(),
    linked,
    durable: false,
  };
}
