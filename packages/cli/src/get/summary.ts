import type { DownloadStatus } from '@sluice/protocol';
import type { Paint } from '../terminal/colour.ts';
import { formatBytes, formatElapsed, formatRate } from '../terminal/format.ts';
import { formatShares, sourceShares } from '../terminal/source-share.ts';

/** What a finished download brought, in two lines. */
export function summary(status: DownloadStatus, paint: Paint): string {
  const seconds = status.DownloadDuration / 1000;
  const pace =
    seconds > 0 ? ` (${formatRate((status.FileSize - status.ResumedBytes) / seconds)})` : '';
  const checked = status.Verified
    ? paint('green', 'verified')
    : paint('yellow', 'not verified, there was nothing to check it against');
  return [
    `${status.Output}: ${formatBytes(status.FileSize)} in ${formatElapsed(status.DownloadDuration)}${pace}, ${checked}`,
    ...sharesLine(status, paint),
  ].join('\n');
}

function sharesLine(status: DownloadStatus, paint: Paint): string[] {
  const shares = sourceShares(status);
  if (shares.length === 0) return [];
  const before = formatBytes(status.ResumedBytes);
  const resumed = status.ResumedBytes > 0 ? `; ${before} of it in an earlier run` : '';
  return [`  from ${formatShares(shares, paint)}${resumed}`];
}

/** @param bytes to peers. */
export function seedingLine(bytes: number): string {
  return `  to peers ${formatBytes(bytes)}`;
}
