import { createHash } from 'node:crypto';
import { type DownloadStatus, sluiceError } from '@sluice/protocol';

/**
 * The download of that Id, FileId or URL; of several of one URL the newest.
 * @throws DownloadUnknown
 */
export function findDownload(downloads: readonly DownloadStatus[], name: string): DownloadStatus {
  const fileIds = [name.toLowerCase(), ...fileIdOf(name)];
  const found = downloads.findLast(
    (d) => d.Id === name || d.SourceURL === name || fileIds.includes(d.FileId),
  );
  if (!found) throw sluiceError('DownloadUnknown', { id: name });
  return found;
}

/** As the agent makes it of the URL it was asked for, password and all. */
function fileIdOf(text: string): string[] {
  const url = URL.parse(text);
  if (!url) return [];
  url.hash = '';
  return [createHash('sha256').update(url.href).digest('hex')];
}
