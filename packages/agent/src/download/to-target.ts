import { lstat } from 'node:fs/promises';
import { checkTarget, inPlace, notOwn } from '../store/index.ts';
import type { Download } from './download.ts';

/**
 * Does something with the path that the file of a download is to get: its caller's, links followed, or
 * for a caller with less rights a name in a folder that is held meanwhile.
 * @throws TargetUnwritable, what `work` throws.
 */
export async function toTarget<T>(
  { request, options: { confinement } }: Pick<Download, 'request' | 'options'>,
  work: (target: string) => Promise<T>,
): Promise<T> {
  if (!confinement) return work(await checkTarget(request.Output));
  return inPlace(request.Output, confinement, async (target) => {
    const stats = await lstat(target).catch(() => undefined);
    if (stats && !confinement.isOwn(stats)) throw notOwn(request.Output);
    return work(target);
  });
}
