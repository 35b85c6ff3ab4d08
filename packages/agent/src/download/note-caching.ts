import type { ContentEntry } from '../store/index.ts';
import type { Download, DownloadContext } from './download.ts';

/** Writes down from when on, and as what, the store keeps a content that was just downloaded. */
export async function noteCaching(
  { id, fileId, publicUrl, progress, options }: Download,
  { today, logger }: DownloadContext,
  entry: ContentEntry,
): Promise<void> {
  const now = today().getTime();
  const before = options.refetch?.caching;
  try {
    await entry.setCaching((known = before) => ({
      fileId,
      url: publicUrl,
      mode: progress.mode,
      since: now,
      usedAt: now,
      isPinned: known?.isPinned ?? false,
      ...(known?.expireOn !== undefined && { expireOn: known.expireOn }),
    }));
  } catch (err) {
    // The file is where it was wanted. Its age is then that of the bytes on the disk.
    logger.warn({ err, download: id }, 'how long the store keeps a content could not be noted');
  }
}
