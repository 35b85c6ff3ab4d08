import { statfs } from 'node:fs/promises';
import { sluiceError } from '@sluice/protocol';

/**
 * Makes sure that `needed` more bytes fit on the disk of `folder`, so that a full disk is told
 * before anything is fetched.
 * @param path the file to name in the error.
 * @throws DiskFull; what `statfs` throws.
 */
export async function checkFreeSpace(folder: string, needed: number, path: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (needed > free) {
    throw sluiceError('DiskFull', { path, detail: `${needed} bytes needed, ${free} bytes free` });
  }
}
