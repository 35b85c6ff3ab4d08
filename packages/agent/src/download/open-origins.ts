import { delaysOf } from '@sluice/engine';
import { type Clock, type SluiceError, toSluiceError } from '@sluice/protocol';
import { delay } from '../clock/delay.ts';
import type { SourceFacts } from '../source/index.ts';
import type { ContentPlan } from './content-plan.ts';
import type { Download, DownloadContext } from './download.ts';
import type { EarlyLook } from './look-early.ts';
import { openCachePatiently } from './open-cache-patiently.ts';
import { type OriginSource, Origins } from './origins.ts';

/** Once one has answered, the other gets this long. */
const otherMs = 500;
/** An origin that does not answer is tried so often, and only within so long. */
const maxTries = 3;
const maxTryMs = 2_000;
const firstWaitMs = 400;

/** An origin that has answered. */
export interface Answer {
  source: OriginSource;
  facts: SourceFacts;
}

export interface OpenedOrigins {
  origins: Origins;
  /** Those that have the content, the one whose word it is first. */
  answers: [Answer, ...Answer[]];
}

/**
 * Opens HTTP source and cache host at once, to learn what the content is. A cache host that answers
 * sooner may have an old version, so the HTTP source has the last word when it answers in time. With a
 * cache server fallback delay set, HTTP is asked only when no cache host has answered within it.
 * @throws the HTTP source's error when neither answers; the reason of `signal`.
 */
export async function openOrigins(
  download: Download,
  context: DownloadContext,
  plan: ContentPlan,
  signal: AbortSignal,
  early?: EarlyLook,
): Promise<OpenedOrigins> {
  const origins = new Origins(download, context, plan);
  try {
    const { cacheMs } = delaysOf(context.settings, download.request.Foreground ?? false);
    if (cacheMs > 0) {
      const cached = await openCachePatiently(download, origins, cacheMs, context, signal);
      if (cached) return { origins, answers: [cached] };
    }
    const http = openedEarly(origins, early) ?? tryToOpen(origins.http(), context, signal);
    const cache = origins.cache();
    if (!cache) return { origins, answers: [await answerOf(http)] };
    const answers = await openBoth(
      download,
      origins,
      http,
      tryToOpen(cache, context, signal),
      context,
    );
    return { origins, answers };
  } catch (error) {
    await origins.close();
    signal.throwIfAborted();
    throw error;
  }
}

interface Attempt {
  source: OriginSource;
  outcome: Promise<{ facts: SourceFacts } | { error: SluiceError }>;
  /** What the last try ended with; there may be more. */
  lastError?: SluiceError;
}

async function openBoth(
  download: Download,
  origins: Origins,
  http: Attempt,
  cache: Attempt,
  { clock }: DownloadContext,
): Promise<[Answer, ...Answer[]]> {
  // Neither: what the source itself says is what counts.
  const first = await Promise.any([answerOf(http), answerOf(cache)]).catch(() => answerOf(http));
  const [h, c] = await inTime([http.outcome, cache.outcome], otherMs, clock);
  if (!h || 'error' in h) {
    // What it has is not known: a new one will be told what to expect.
    await origins.drop(http.source);
    return [first];
  }
  const lead = { source: http.source, facts: h.facts };
  if (c && 'facts' in c && isSame(c.facts, h.facts)) {
    return [lead, { source: cache.source, facts: c.facts }];
  }
  const because = !c ? (cache.lastError ?? 'silent') : 'error' in c ? c.error : 'otherVersion';
  const { findings, cacheHost: host = cache.source.label } = download.progress;
  findings.add({ what: 'cacheHostUnused', host, because });
  await origins.drop(cache.source);
  return [lead];
}

function openedEarly(origins: Origins, early: EarlyLook | undefined): Attempt | undefined {
  const facts = early?.known();
  if (!early || !facts) return undefined;
  origins.use(early.source);
  return { source: early.source, outcome: Promise.resolve({ facts }) };
}

/** What the promises resolve to, undefined for those that take longer than `ms` milliseconds. */
async function inTime<T>(work: Promise<T>[], ms: number, clock: Clock): Promise<(T | undefined)[]> {
  const enough = new AbortController();
  const late = delay(clock, ms, enough.signal).then(() => undefined);
  try {
    return await Promise.all(work.map((w) => Promise.race([w, late])));
  } finally {
    enough.abort();
  }
}

function tryToOpen(source: OriginSource, { clock }: DownloadContext, signal: AbortSignal): Attempt {
  const startedAt = clock.now();
  const run = async (attempt: { lastError?: SluiceError }) => {
    for (let tries = 1, waitMs = firstWaitMs; ; tries++, waitMs *= 2) {
      try {
        return { facts: await source.open(signal) };
      } catch (reason) {
        const error = toSluiceError(reason);
        attempt.lastError = error;
        const { retryable, retryAfterMs } = error.params;
        const wait = Math.max(waitMs, Number(retryAfterMs ?? 0));
        const inTime = clock.now() + wait - startedAt <= maxTryMs;
        if (retryable !== true || tries >= maxTries || !inTime || signal.aborted) return { error };
        await delay(clock, wait, signal);
      }
    }
  };
  const attempt: { lastError?: SluiceError } = {};
  return Object.assign(attempt, { source, outcome: run(attempt) });
}

/** @throws what kept the source from answering. */
async function answerOf({ source, outcome }: Attempt): Promise<Answer> {
  const result = await outcome;
  if ('error' in result) throw result.error;
  return { source, facts: result.facts };
}

function isSame(a: SourceFacts, b: SourceFacts): boolean {
  return a.contentLength === b.contentLength && a.validator === b.validator;
}
