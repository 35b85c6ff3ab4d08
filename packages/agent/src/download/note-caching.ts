import type { ContentPolicies } from '@sluice/protocol';
import type { CachingRecord, ContentEntry } from '../store/index.ts';
import type { Download, DownloadContext } from './download.ts';

/** The last second that a Date can have. */
const maxSecs = 8.64e12;

/** Writes down from when on, and as what, the store keeps a content that was just downloaded. */
export async function noteCaching(
  { id, fileId, publicUrl, progress, options }: Download,
  { today, logger }: DownloadContext,
  entry: ContentEntry,
): Promise<void> {
  const now = today().getTime();
  const before = options.refetch?.caching;
  const wished = publisherOf(progress.policies);
  try {
    await entry.setCaching((known = before) => {
      // Of a cloud that did not answer this time the last word holds.
      const publisher = wished ?? known?.publisher;
      return {
        fileId,
        url: publicUrl,
        mode: progress.mode,
        since: now,
        usedAt: now,
        isPinned: known?.isPinned ?? false,
        ...(known?.expireOn !== undefined && { expireOn: known.expireOn }),
        ...(publisher && { publisher }),
      };
    });
  } catch (err) {
    // The file is where it was wanted. Its age is then that of the bytes on the disk.
    logger.warn({ err, download: id }, 'how long the store keeps a content could not be noted');
  }
}

function publisherOf(policies: ContentPolicies | undefined): CachingRecord['publisher'] {
  if (!policies) return undefined;
  const { MaxCacheAgeSecs: maxAgeSecs, ExpireAtSecsSinceEpoch: expireAt } = policies;
  return {
    maxAgeSecs: Math.min(maxAgeSecs, maxSecs),
    ...(expireAt !== null && { expireAt: 1000 * Math.min(expireAt, maxSecs) }),
  };
}
