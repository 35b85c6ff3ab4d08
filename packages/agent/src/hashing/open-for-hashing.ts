import type { BigIntStats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isSluiceError, sluiceError, toSluiceError } from '@sluice/protocol';

/**
 * Opens a regular file, hands it to `work`, and makes sure that it stayed the same meanwhile: a hash
 * over two states of a file is the hash of neither.
 * @throws FileUnreadable, FileChanged, and what `work` throws of the catalogue.
 */
export async function withSteadyFile<T>(
  path: string,
  work: (file: { fd: number; size: number }) => Promise<T>,
): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const before = await handle.stat({ bigint: true });
    if (!before.isFile()) {
      throw sluiceError('FileUnreadable', { path, detail: 'not a regular file' });
    }
    const result = await work({ fd: handle.fd, size: Number(before.size) });
    if (changed(before, await handle.stat({ bigint: true }))) {
      throw sluiceError('FileChanged', { path });
    }
    return result;
  } catch (error) {
    if (isSluiceError(error)) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ESHORT') throw sluiceError('FileChanged', { path }, { cause: error });
    // Node's own faults are ERR_…; the system's are ENOENT, EACCES, EIO.
    if (code === undefined || code.startsWith('ERR_')) throw toSluiceError(error);
    throw sluiceError('FileUnreadable', { path, detail: message }, { cause: error });
  } finally {
    await handle?.close();
  }
}

function changed(before: BigIntStats, after: BigIntStats): boolean {
  return before.size !== after.size || before.mtimeNs !== after.mtimeNs;
}
