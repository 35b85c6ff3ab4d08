import { rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { DownloadStatus } from '@sluice/protocol';
import { statIfThere } from '../files/existing-file.ts';

/** Where an unfinished download waits to be taken up again. */
export interface PartialFolder {
  readonly path: string;
  /** Tells how the download ended, which decides whether the folder stays. */
  ended(status: DownloadStatus): void;
  /** Removes it, unless there is something in it for the next time. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * One folder per target, so that two downloads into one folder do not meet; beside the target, so that
 * the finished file is moved there, not copied.
 */
export async function openPartialFolder(output: string): Promise<PartialFolder> {
  const around = path.join(path.dirname(output), '.sluice-partial');
  const folder = path.join(around, path.basename(output));
  let isOfUse = (await statIfThere(folder)) !== undefined;
  return {
    path: folder,
    ended({ State, TotalBytesDownloaded }) {
      if (State === 'Finalized') isOfUse = false;
      else if (TotalBytesDownloaded > 0) isOfUse = true;
    },
    async [Symbol.asyncDispose]() {
      if (isOfUse) return;
      await rm(folder, { recursive: true, force: true });
      await rmdir(around).catch((error: NodeJS.ErrnoException) => {
        // Other downloads have their parts in it; or it never came to be.
        if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(error.code ?? '')) throw error;
      });
    },
  };
}
