import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reuseWishOf } from '../request/reuse-wish.ts';
import { parseCacheControl, seconds } from './cache-control.ts';
import { ageOf, freshnessOf, judgeReuse, mayServeOnError } from './freshness.ts';
import { parseHttpDate } from './http-date.ts';

const now = Date.parse('2026-01-02T03:04:05Z');
const wish = reuseWishOf(new Map());
const date = (offsetMs: number) => new Date(now + offsetMs).toUTCString();

test('reads Cache-Control as it comes', () => {
  const control = parseCacheControl(
    'no-cache="a, b", MAX-AGE=10 , s-maxage="20",max-age=99,,private',
  );
  assert.deepEqual(
    [...control],
    [
      ['no-cache', 'a, b'],
      ['max-age', '10'],
      ['s-maxage', '20'],
      ['private', ''],
    ],
  );
  assert.equal(seconds(control, 's-maxage'), 20);
  assert.equal(seconds(control, 'absent'), undefined);
  assert.equal(seconds(parseCacheControl('max-age=-1'), 'max-age'), 0);
  assert.equal(seconds(parseCacheControl('max-age'), 'max-age'), 0);
});

test('reads the three forms of dates, and nothing else', () => {
  const ms = Date.parse('1994-11-06T08:49:37Z');
  assert.equal(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT'), ms);
  assert.equal(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT'), ms);
  assert.equal(parseHttpDate('Sun Nov  6 08:49:37 1994'), ms);
  for (const bad of [
    undefined,
    '',
    '0',
    '-1',
    'yesterday',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov',
  ]) {
    assert.equal(parseHttpDate(bad), undefined, bad);
  }
});

test('counts the age from what the source and the clock say', () => {
  const f = freshnessOf({ date: date(-10_000), age: '4', 'cache-control': 'max-age=60' }, now);
  assert.equal(ageOf(f, now + 5_000), 15_000);
  assert.equal(ageOf(freshnessOf({ date: date(-1_000), age: '40' }, now), now), 40_000);
  assert.equal(judgeReuse(f, now + 49_000, wish), 'fresh');
  assert.equal(judgeReuse(f, now + 50_000, wish), 'ask');
  assert.equal(ageOf(freshnessOf({ age: '4' }, now, now - 3_000), now), 7_000, 'the delay counts');
});

test('knows for how long an answer is good', () => {
  const lifetime = (headers: Record<string, string>) => freshnessOf(headers, now).lifetimeMs;
  assert.equal(lifetime({ 'cache-control': 's-maxage=5, max-age=9', expires: date(0) }), 5_000);
  assert.equal(lifetime({ expires: date(60_000), date: date(0) }), 60_000);
  assert.equal(lifetime({ expires: date(-60_000), date: date(0) }), 0);
  assert.equal(lifetime({ expires: '0' }), 0);
  assert.equal(lifetime({ 'cache-control': 'no-cache, max-age=9' }), 0);
  assert.equal(lifetime({}), 24 * 3600 * 1000);
});

test('takes nothing for fresh that a client finds too old, or after the clock went back', () => {
  const f = freshnessOf({ 'cache-control': 'max-age=60' }, now);
  assert.equal(judgeReuse(f, now + 10_000, { ...wish, maxAgeMs: 10_000 }), 'fresh');
  assert.equal(judgeReuse(f, now + 10_001, { ...wish, maxAgeMs: 10_000 }), 'ask');
  assert.equal(judgeReuse(f, now, { ...wish, maxAgeMs: 0 }), 'ask');
  assert.equal(judgeReuse(f, now - 1001, wish), 'ask');
  assert.equal(judgeReuse(f, now + 50_000, { ...wish, minFreshMs: 10_000 }), 'fresh');
  assert.equal(judgeReuse(f, now + 50_001, { ...wish, minFreshMs: 10_000 }), 'ask');
});

test('gives what is stale only where client or source allow it, and none that must not be', () => {
  const of = (control: string) => freshnessOf({ 'cache-control': `max-age=60, ${control}` }, now);
  const at = now + 70_000;
  assert.equal(judgeReuse(of(''), at, { ...wish, maxStaleMs: 10_000 }), 'stale');
  assert.equal(judgeReuse(of(''), at, { ...wish, maxStaleMs: 9_999 }), 'ask');
  assert.equal(judgeReuse(of('stale-while-revalidate=11'), at, wish), 'refresh');
  assert.equal(judgeReuse(of('stale-while-revalidate=10'), at, wish), 'ask');
  for (const strict of ['must-revalidate', 'proxy-revalidate', 's-maxage=60']) {
    const f = of(`${strict}, stale-while-revalidate=99, stale-if-error=99`);
    assert.equal(judgeReuse(f, at, { ...wish, maxStaleMs: 99_000 }), 'ask', strict);
    assert.equal(mayServeOnError(f, at, wish, false), false, strict);
  }
  assert.equal(mayServeOnError(of('stale-if-error=10'), at, wish, true), true);
  assert.equal(mayServeOnError(of('stale-if-error=9'), at, wish, true), false);
  assert.equal(mayServeOnError(of(''), at, { ...wish, staleIfErrorMs: 10_000 }, true), true);
  assert.equal(mayServeOnError(of(''), at, wish, false), true, 'nobody can be asked');
  assert.equal(mayServeOnError(of(''), at, { ...wish, maxAgeMs: 0 }, false), false);
});
