import { delaysOf } from '@sluice/engine';
import { toSluiceError } from '@sluice/protocol';
import { delay } from '../clock/delay.ts';
import { LiveDeadline } from '../clock/live-deadline.ts';
import type { SourceFacts } from '../source/index.ts';
import type { Download, DownloadContext } from './download.ts';
import type { OriginSource, Origins } from './origins.ts';

/**
 * Opens a cache host while HTTP is left alone: all of them in turn, as long after the first failure as
 * the delay policies say (policies.md §10), which may change meanwhile.
 * @returns undefined when none has answered in that time, and when there is none.
 * @throws the reason of `signal`.
 */
export async function openCachePatiently(
  download: Download,
  origins: Origins,
  { clock, settings }: DownloadContext,
  signal: AbortSignal,
): Promise<{ source: OriginSource; facts: SourceFacts } | undefined> {
  const { findings } = download.progress;
  const { foreground } = download;
  const patience = () => delaysOf(settings.current, foreground.current).cacheMs;
  using limit = new LiveDeadline(clock, patience, [settings, foreground]);
  let hasFailed = false;
  while (!limit.signal.aborted) {
    const source = origins.cache();
    if (!source && !hasFailed) return undefined;
    const either = AbortSignal.any([signal, limit.signal]);
    if (!source) {
      await delay(clock, origins.nextRound(), either);
      signal.throwIfAborted();
      continue;
    }
    try {
      return { source, facts: await source.open(either) };
    } catch (error) {
      signal.throwIfAborted();
      const because = toSluiceError(error);
      findings.add({ what: 'cacheHostUnused', host: source.label, because });
      await origins.drop(source);
      if (!hasFailed) limit.restart();
      hasFailed = true;
    }
  }
  return undefined;
}
