import type { DownloadState, DownloadStatus } from '@sluice/protocol';
import type { ProgressView } from './progress-line.ts';
import { sourceShares } from './source-share.ts';

const states: Partial<Record<DownloadState, string>> = {
  Paused: 'paused',
  Transferred: 'finishing',
  Finalized: 'done',
  Aborted: 'stopped',
  Failed: 'failed',
};

/** A download as a progress bar shows it. */
export function downloadView(status: DownloadStatus): ProgressView {
  const total = status.FileSize || undefined;
  // Whole pieces on disk, or what has come, of which some is still on its way to the disk.
  const come = status.TotalBytesDownloaded - status.DuplicateBytes;
  return {
    done: Math.min(total ?? come, Math.max(status.FileSizeInCache, come)),
    total,
    rate: status.BytesPerSecond,
    shares: sourceShares(status),
    state: states[status.State],
  };
}
