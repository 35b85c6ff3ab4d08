import { sluiceError } from '@sluice/protocol';
import type { ContentEntry } from '../store/index.ts';
import type { Download } from './download.ts';
import { toTarget } from './to-target.ts';

export interface DeliverOptions {
  /** Whether the entry stays: it is shared, or another download waits for it. */
  keep: boolean;
  /** Whether its pieces go when they are not of the file that was meant. */
  dropWrong: boolean;
}

/**
 * Holds the complete content against the caller's SHA-256 and brings it to the caller's path.
 * @throws Sha256Mismatch, Disk errors, Cancelled.
 */
export async function deliver(
  download: Download,
  entry: ContentEntry,
  { keep, dropWrong }: DeliverOptions,
  signal: AbortSignal,
): Promise<void> {
  const { request, progress } = download;
  if (request.Sha256) {
    const actual = await entry.sha256(signal);
    const expected = request.Sha256.toLowerCase();
    if (actual !== expected) {
      if (dropWrong) await entry.reset();
      throw sluiceError('Sha256Mismatch', { expected, actual });
    }
    progress.sha256 = actual;
    progress.verified = true;
  }
  download.setState('Transferred');
  if (download.options.refetch) await entry.keep();
  else await toTarget(download, (target) => entry.deliver(target, { keep, held: true }, signal));
}
