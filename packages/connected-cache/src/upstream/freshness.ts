import { parseCacheControl, seconds } from './cache-control.ts';
import { type AnswerHeaders, joined, single } from './headers.ts';
import { parseHttpDate } from './http-date.ts';

/** For how long an answer may be given without asking the source again (RFC 9111 §4.2). */
export interface Freshness {
  /** Wall time in ms at which the answer came. */
  receivedAt: number;
  /** How old it was then, ms. */
  initialAgeMs: number;
  lifetimeMs: number;
}

/**
 * Without any word of the source an object is taken as fresh for a day: what is distributed through
 * a cache node keeps its URL and does not change, and every fill checks the validator anyway.
 */
const heuristicLifetimeMs = 24 * 3600 * 1000;

export function freshnessOf(headers: AnswerHeaders, receivedAt: number): Freshness {
  const date = parseHttpDate(single(headers, 'date'));
  const stated = Number(single(headers, 'age') ?? 0);
  const initialAgeMs = Math.max(
    0,
    date === undefined ? 0 : receivedAt - date,
    Number.isFinite(stated) ? stated * 1000 : 0,
  );
  return { receivedAt, initialAgeMs, lifetimeMs: lifetimeOf(headers, date ?? receivedAt) };
}

/** Age of the answer in ms. */
export function ageOf(f: Freshness, now: number): number {
  return f.initialAgeMs + Math.max(0, now - f.receivedAt);
}

/**
 * @param maxAgeMs the oldest the client takes (its own Cache-Control), when it says so.
 */
export function isFresh(f: Freshness, now: number, maxAgeMs: number | undefined): boolean {
  // A clock that went back says nothing about the age: ask.
  if (now < f.receivedAt) return false;
  const age = ageOf(f, now);
  return age < f.lifetimeMs && (maxAgeMs === undefined || (age <= maxAgeMs && maxAgeMs > 0));
}

/** What a portal or a broken source says with 200 in place of the object must not stay for a day. */
function isPage(headers: AnswerHeaders): boolean {
  return /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(
    single(headers, 'content-type') ?? '',
  );
}

function lifetimeOf(headers: AnswerHeaders, date: number): number {
  const control = parseCacheControl(joined(headers, 'cache-control'));
  if (control.has('no-cache')) return 0;
  const stated = seconds(control, 's-maxage') ?? seconds(control, 'max-age');
  if (stated !== undefined) return stated * 1000;
  if (headers.expires === undefined) return isPage(headers) ? 0 : heuristicLifetimeMs;
  const expires = parseHttpDate(single(headers, 'expires'));
  return expires === undefined ? 0 : Math.max(0, expires - date);
}
