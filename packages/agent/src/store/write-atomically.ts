import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { type FileOps, realFiles } from './file-ops.ts';

export interface WriteOptions {
  files?: FileOps;
  /** It is on the disk when this resolves, and survives a power loss. Costs some ms. */
  durable?: boolean;
}

/**
 * Writes a small file so that every reader, also after the process was killed, sees the old or the new
 * bytes; after a power loss only when it is `durable`.
 */
export async function writeAtomically(
  path: string,
  bytes: Uint8Array | string,
  { files = realFiles, durable = false }: WriteOptions = {},
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await files.create(temporary, bytes, 0o600);
    // Before the rename: else the name may reach the disk before the bytes, and leave an empty file.
    if (durable) await files.sync(temporary);
    await files.rename(temporary, path);
    if (durable) await files.syncFolder(dirname(path));
  } catch (error) {
    await files.remove(temporary);
    throw error;
  }
}
