import type { FileHandle } from 'node:fs/promises';
import { checkTarget } from './check-target.ts';
import type { DeliveryOptions } from './content-entry.ts';
import type { FileOps } from './file-ops.ts';
import type { RecordFile } from './record-file.ts';
import { checkUnchanged, seal } from './seal.ts';
import { type Placement, TargetFile } from './target-file.ts';

/** A complete entry, as far as delivering it goes. */
export interface Deliverable {
  /** Path of the data file. */
  path: string;
  data: FileHandle;
  record: RecordFile;
  /** Names the temporary file; the same for every delivery of one entry. */
  tag: string;
  files: FileOps;
}

/**
 * Brings the content to `path`; see `ContentEntry.deliver`.
 * Without `keep` the data file may be gone afterwards. With it, the entry is sealed.
 */
export async function deliverTo(
  path: string,
  { keep, held = false }: DeliveryOptions,
  from: Deliverable,
  signal: AbortSignal | undefined,
): Promise<Placement> {
  checkUnchanged(from.data, from.record);
  const target = new TargetFile(
    from.path,
    held ? path : await checkTarget(path),
    from.tag,
    from.files,
  );
  await target.prepare();
  try {
    return await (keep ? share(from, target, signal) : surrender(from, target, signal));
  } finally {
    await target.discard();
  }
}

async function share(
  from: Deliverable,
  target: TargetFile,
  signal: AbortSignal | undefined,
): Promise<Placement> {
  const { data, record } = from;
  const placement = (await target.reflink())
    ? 'reflinked'
    : (await shareInode(from, target))
      ? 'linked'
      : 'copied';
  if (placement === 'copied') await target.copy(data, record.value.contentLength, signal);
  await keepSealed(data, record);
  return placement;
}

/** Notes that the entry is complete and stays. */
export async function keepSealed(data: FileHandle, record: RecordFile): Promise<void> {
  if (!record.value.seal) await seal(data, record, false);
  await record.update((r) => (r.delivered ? r : { ...r, delivered: true }));
}

/** @returns false when there can be no hard link. */
async function shareInode({ data, record }: Deliverable, target: TargetFile): Promise<boolean> {
  if (!(await isAlone(data))) return false;
  // Sealed first: a crash in between must not leave a linked file that the store takes for its own.
  await seal(data, record, true);
  if (await target.hardLink()) return true;
  await seal(data, record, false);
  return false;
}

async function surrender(
  { data, record }: Deliverable,
  target: TargetFile,
  signal: AbortSignal | undefined,
): Promise<Placement> {
  if ((await isAlone(data)) && (await target.move())) return 'moved';
  await target.copy(data, record.value.contentLength, signal);
  return 'copied';
}

/** Whether the inode is the store's only: with two files of the user's on one, each would change the other. */
async function isAlone(data: FileHandle): Promise<boolean> {
  return (await data.stat()).nlink === 1;
}
