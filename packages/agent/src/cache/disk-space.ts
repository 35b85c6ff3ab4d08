import { statfs } from 'node:fs/promises';
import type { DiskSpace } from '@sluice/engine';

/** Where the room on the disk is learnt from. */
export interface SpaceProbe {
  /** Of the volume that holds `folder`. */
  read(folder: string): Promise<DiskSpace>;
}

export const systemSpace: SpaceProbe = {
  async read(folder) {
    const { blocks, bavail, bsize } = await statfs(folder);
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
  },
};
