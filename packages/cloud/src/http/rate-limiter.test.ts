import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { RateLimiter } from './rate-limiter.ts';

const taken = (limiter: RateLimiter, caller: string, tries: number) =>
  Array.from({ length: tries }, () => limiter.take(caller)).filter(Boolean).length;

test('twice the rate at once, then the rate, per caller', () => {
  const clock = new ManualClock();
  const limiter = new RateLimiter(clock, 10);
  assert.equal(taken(limiter, 'a', 100), 20);
  assert.equal(taken(limiter, 'b', 100), 20);
  clock.advance(500);
  assert.equal(taken(limiter, 'a', 100), 5);
  clock.advance(60_000);
  assert.equal(taken(limiter, 'a', 100), 20);
});

test('an unlimited one always lets through', () => {
  const limiter = new RateLimiter(new ManualClock(), Number.POSITIVE_INFINITY);
  assert.equal(taken(limiter, 'a', 100), 100);
});

test('remembers a bounded number of callers', () => {
  const limiter = new RateLimiter(new ManualClock(), 1);
  assert.equal(taken(limiter, 'a', 9), 2);
  for (let i = 0; i < 65_536; i++) limiter.take(`${i}`);
  assert.equal(taken(limiter, 'a', 9), 2);
});
