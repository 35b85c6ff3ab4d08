import { randomFillSync } from 'node:crypto';
import { open } from 'node:fs/promises';

const blockBytes = 1 << 20;

/** Writes `size` bytes that no compression or deduplication could make less of. */
export async function writeDemoFile(
  path: string,
  size: number,
  signal: AbortSignal,
): Promise<void> {
  const block = new Uint8Array(blockBytes);
  await using file = await open(path, 'wx');
  for (let written = 0; written < size; written += blockBytes) {
    signal.throwIfAborted();
    randomFillSync(block);
    const length = Math.min(blockBytes, size - written);
    await file.write(block, 0, length, written);
  }
}
