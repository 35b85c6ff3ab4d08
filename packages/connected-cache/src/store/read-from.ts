import type { KernelFiles } from './kernel-files.ts';
import type { DataFile } from './store-files.ts';

/** More than this is not copied on the loop. */
const most = 64 * 1024;

/**
 * Reads into `bytes`, without the way over the thread pool when they are few and in memory: that way
 * takes longer than the copy. @returns how many came, 0 at the end of the file
 */
export async function readFrom(
  file: DataFile,
  bytes: Uint8Array,
  position: number,
  kernel: KernelFiles | undefined,
): Promise<number> {
  const { length } = bytes;
  const now = kernel && length <= most ? kernel.readNow(file.fd, bytes, position) : 0;
  if (now > 0) return now;
  return (await file.read(bytes, 0, length, position)).bytesRead;
}
