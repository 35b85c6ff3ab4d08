import { toSluiceError } from '@sluice/protocol';
import { deadline } from '../clock/deadline.ts';
import { delay } from '../clock/delay.ts';
import type { SourceFacts } from '../source/index.ts';
import type { Download, DownloadContext } from './download.ts';
import type { OriginSource, Origins } from './origins.ts';

/**
 * Opens a cache host while HTTP is left alone: all of them in turn, for `patienceMs` after the first
 * failure (policies.md §10).
 * @returns undefined when none has answered in that time, and when there is none.
 * @throws the reason of `signal`.
 */
export async function openCachePatiently(
  download: Download,
  origins: Origins,
  patienceMs: number,
  { clock }: DownloadContext,
  signal: AbortSignal,
): Promise<{ source: OriginSource; facts: SourceFacts } | undefined> {
  const { findings } = download.progress;
  let until: number | undefined;
  for (let source = origins.cache(); ; source = origins.cache()) {
    if (!source) {
      if (until === undefined || clock.now() >= until) return undefined;
      await delay(clock, Math.min(origins.nextRound(), until - clock.now()), signal);
      continue;
    }
    using limit = deadline(clock, until === undefined ? patienceMs : until - clock.now(), signal);
    try {
      return { source, facts: await source.open(limit.signal) };
    } catch (error) {
      signal.throwIfAborted();
      const because = toSluiceError(error);
      findings.add({ what: 'cacheHostUnused', host: source.label, because });
      until ??= clock.now() + patienceMs;
      await origins.drop(source);
    }
  }
}
