import type { DownloadStatus } from '@sluice/protocol';
import type { TrustedContent } from '../jobs/job.ts';
import type { DownloadContext } from './download.ts';

const mb = 1024 ** 2;

/** Writes down how a download went: `sluice log --analyze` adds these up. */
export function logEnd(
  { logger, settings }: Pick<DownloadContext, 'logger' | 'settings'>,
  status: DownloadStatus,
  trusted: TrustedContent | undefined,
): void {
  const { FileId, State, FileSize, Priority, DownloadMode } = status;
  const { BytesFromPeers, TotalBytesDownloaded, NumPeers } = status;
  const facts = {
    FileId,
    HashOfHashes: trusted?.HashOfHashes ?? null,
    State,
    FileSize,
    Priority,
    DownloadMode,
    BytesFromPeers,
    TotalBytesDownloaded,
    NumPeers,
    MinFileSizeToCache: settings.current.DOMinFileSizeToCache * mb,
  };
  logger.info(facts, 'a download has ended');
}
