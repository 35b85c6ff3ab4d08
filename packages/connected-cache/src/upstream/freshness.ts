import type { ReuseWish } from '../request/reuse-wish.ts';
import { type CacheControl, parseCacheControl, seconds } from './cache-control.ts';
import { type AnswerHeaders, joined, single } from './headers.ts';
import { parseHttpDate } from './http-date.ts';

/** Between two runs of the node its clock may differ by so much. */
const clockSlackMs = 1000;

/** For how long an answer may be given without asking the source again (RFC 9111 §4.2). */
export interface Freshness {
  /** Wall time in ms at which the answer came. */
  receivedAt: number;
  /** How old it was then, ms. */
  initialAgeMs: number;
  lifetimeMs: number;
  /** It must not be given once it is stale (must-revalidate, proxy-revalidate, s-maxage, no-cache). */
  strict?: boolean;
  /** How long after that it may be given while the source is asked (RFC 5861 §3), ms. */
  whileRevalidateMs?: number;
  /** … and when the source fails (§4), ms. */
  ifErrorMs?: number;
  /** Also requests with credentials may have it (RFC 9111 §3.5). */
  forAll?: boolean;
}

/** `fresh`; `stale`: may be given as it is; `refresh`: too, and the source is to be asked; `ask`: first. */
export type Verdict = 'fresh' | 'stale' | 'refresh' | 'ask';

/**
 * Without any word of the source an object is taken as fresh for a day: what is distributed through
 * a cache node keeps its URL and does not change, and every fill checks the validator anyway.
 */
const heuristicLifetimeMs = 24 * 3600 * 1000;

/** @param askedAt when the request was sent; how long the answer took counts as age (RFC 9111 §4.2.3) */
export function freshnessOf(
  headers: AnswerHeaders,
  receivedAt: number,
  askedAt = receivedAt,
): Freshness {
  const control = parseCacheControl(joined(headers, 'cache-control'));
  const date = parseHttpDate(single(headers, 'date'));
  const age = single(headers, 'age');
  const stated = age !== undefined && /^\d{1,10}$/.test(age) ? Number(age) * 1000 : 0;
  const initialAgeMs = Math.max(
    0,
    date === undefined ? 0 : receivedAt - date,
    stated + Math.max(0, receivedAt - askedAt),
  );
  const strict = ['must-revalidate', 'proxy-revalidate', 's-maxage', 'no-cache'];
  const forAll = ['public', 's-maxage', 'must-revalidate'];
  const ms = (name: string) => (seconds(control, name) ?? 0) * 1000;
  return {
    receivedAt,
    initialAgeMs,
    lifetimeMs: lifetimeOf(headers, control, date ?? receivedAt),
    ...(strict.some((name) => control.has(name)) && { strict: true }),
    ...(forAll.some((name) => control.has(name)) && { forAll: true }),
    ...(control.has('stale-while-revalidate') && {
      whileRevalidateMs: ms('stale-while-revalidate'),
    }),
    ...(control.has('stale-if-error') && { ifErrorMs: ms('stale-if-error') }),
  };
}

/** Age of the answer in ms. */
export function ageOf(f: Freshness, now: number): number {
  return f.initialAgeMs + Math.max(0, now - f.receivedAt);
}

/** Whether a kept answer may be given to a client with these wishes. */
export function judgeReuse(f: Freshness, now: number, wish: ReuseWish): Verdict {
  // A clock that went back says nothing about the age: ask.
  if (now < f.receivedAt - clockSlackMs) return 'ask';
  const age = ageOf(f, now);
  const { maxAgeMs, minFreshMs = 0, maxStaleMs = -1 } = wish;
  if (maxAgeMs !== undefined && (age > maxAgeMs || maxAgeMs === 0)) return 'ask';
  const left = f.lifetimeMs - age;
  if (left > 0) return left >= minFreshMs ? 'fresh' : 'ask';
  if (f.strict || minFreshMs > 0) return 'ask';
  if (-left <= maxStaleMs) return 'stale';
  return -left < (f.whileRevalidateMs ?? 0) ? 'refresh' : 'ask';
}

/** What a portal or a broken source says with 200 in place of the object must not stay for a day. */
function isPage(headers: AnswerHeaders): boolean {
  return /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(
    single(headers, 'content-type') ?? '',
  );
}

/**
 * Whether a stale answer is better than none, now that the source has failed.
 * @param answered it answered with 5xx; else it could not be reached at all, which needs no leave (RFC 9111 §4.2.4)
 */
export function mayServeOnError(
  f: Freshness,
  now: number,
  wish: ReuseWish,
  answered: boolean,
): boolean {
  if (f.strict || wish.maxAgeMs !== undefined || wish.minFreshMs !== undefined) return false;
  if (!answered) return true;
  const longest = Math.max(f.ifErrorMs ?? -1, wish.staleIfErrorMs ?? -1);
  return ageOf(f, now) - f.lifetimeMs <= longest;
}

function lifetimeOf(headers: AnswerHeaders, control: CacheControl, date: number): number {
  if (control.has('no-cache')) return 0;
  const stated = seconds(control, 's-maxage') ?? seconds(control, 'max-age');
  if (stated !== undefined) return stated * 1000;
  if (headers.expires === undefined) return isPage(headers) ? 0 : heuristicLifetimeMs;
  const expires = parseHttpDate(single(headers, 'expires'));
  return expires === undefined ? 0 : Math.max(0, expires - date);
}
