import { open } from 'node:fs/promises';
import { sluiceError } from '@sluice/protocol';

/**
 * The bytes of a file that should be small; of a larger one `limit` + 1 bytes, for the parser to refuse.
 * @throws FileUnreadable
 */
export async function readBounded(path: string, limit: number): Promise<Uint8Array> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    // A pipe says 0: it gets the whole limit.
    const room = size > 0 ? Math.min(size, limit + 1) : limit + 1;
    const bytes = Buffer.alloc(room);
    let filled = 0;
    while (filled < room) {
      const { bytesRead } = await file.read(bytes, filled, room - filled, null);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } catch (error) {
    const detail = (error as Error).message;
    throw sluiceError('FileUnreadable', { path, detail }, { cause: error });
  }
}
