import { delaysOf } from '@sluice/engine';
import { type SluiceError, sluiceError, toSluiceError } from '@sluice/protocol';
import { backOffMs } from '../clock/back-off.ts';
import { delay } from '../clock/delay.ts';
import { firstToSucceed } from '../clock/first-to-succeed.ts';
import { inTime } from '../clock/in-time.ts';
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
/** … unless it says when to come back, and that is not longer than this away. */
const maxAskedMs = 60_000;
const waits = { firstMs: 800, maxMs: maxTryMs };
/** A mirror is asked when those before it have not answered for so long. */
const mirrorMs = 3_000;

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
    const { cacheMs } = delaysOf(context.settings.current, download.foreground.current);
    if (cacheMs > 0) {
      const cached = await openCachePatiently(download, origins, context, signal);
      if (cached) return { origins, answers: [cached] };
    }
    const known = openedEarly(origins, early);
    // A cache host is told what to expect, and joins when it answers.
    if (known) return { origins, answers: [await answerOf(known)] };
    const http = tryHttp(origins, context, signal);
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
  /** Where it began. */
  source: OriginSource;
  outcome: Promise<Answer | { error: SluiceError }>;
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
  const [h, c] = await Promise.all([http, cache].map((a) => inTime(clock, otherMs, a.outcome)));
  if (!h || 'error' in h) {
    // What it has is not known: a new one will be told what to expect.
    await origins.drop(http.source);
    return [first];
  }
  const lead = h;
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
  return { source: early.source, outcome: Promise.resolve({ source: early.source, facts }) };
}

/** The HTTP source; its mirrors one after the other where it fails, or does not answer for long. */
function tryHttp(origins: Origins, context: DownloadContext, signal: AbortSignal): Attempt {
  const source = origins.http();
  if (origins.mirrorsLeft === 0) return tryToOpen(source, context, signal);
  const open = (s: OriginSource) => async (stop: AbortSignal) => {
    try {
      return await answerOf(tryToOpen(s, context, stop));
    } catch (error) {
      await origins.drop(s);
      throw error;
    }
  };
  const mirrors = Array.from({ length: origins.mirrorsLeft }, () => (stop: AbortSignal) => {
    const mirror = origins.mirror();
    if (!mirror) throw sluiceError('Internal', { detail: 'no mirror is left' });
    return open(mirror)(stop);
  });
  const attempts = [open(source), ...mirrors];
  const outcome = firstToSucceed(attempts, mirrorMs, context.clock, signal).catch((error) => {
    // What the source itself says counts.
    const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
    return { error: toSluiceError(first) };
  });
  return { source, outcome };
}

function tryToOpen(source: OriginSource, context: DownloadContext, signal: AbortSignal): Attempt {
  const { clock, random } = context;
  const startedAt = clock.now();
  const run = async (attempt: { lastError?: SluiceError }) => {
    for (let tries = 1; ; tries++) {
      try {
        return { source, facts: await source.open(signal) };
      } catch (reason) {
        const error = toSluiceError(reason);
        attempt.lastError = error;
        const { retryable, retryAfterMs } = error.params;
        const asked = Number(retryAfterMs ?? 0);
        const wait = backOffMs(waits, tries, asked, random);
        // Who says when to come back is worth a wait, a cache host never.
        const isPatient = asked > 0 && source.kind === 'http';
        const inTime = isPatient ? asked <= maxAskedMs : clock.now() + wait - startedAt <= maxTryMs;
        if (retryable !== true || tries >= maxTries || !inTime || signal.aborted) return { error };
        await delay(clock, wait, signal);
      }
    }
  };
  const attempt: { lastError?: SluiceError } = {};
  return Object.assign(attempt, { source, outcome: run(attempt) });
}

/** @throws what kept the source from answering. */
async function answerOf({ outcome }: Attempt): Promise<Answer> {
  const result = await outcome;
  if ('error' in result) throw result.error;
  return result;
}

function isSame(a: SourceFacts, b: SourceFacts): boolean {
  return a.contentLength === b.contentLength && a.validator === b.validator;
}
