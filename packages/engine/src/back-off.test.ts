import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noteFault, sourceState } from './source-state.ts';

const fault = { retryable: true, code: 'x' };

/** How long a source rests after the last of so many faults. */
function restMs(faults: number, random: number, retryAfterMs?: number): number {
  const source = sourceState({ id: 1, kind: 'http', maxFetches: 4 }, 0);
  for (let i = 0; i < faults; i++) {
    noteFault(source, { ...fault, ...(retryAfterMs !== undefined && { retryAfterMs }) }, 0, random);
  }
  return source.notBefore;
}

test('a source that fails rests anything up to a ceiling that doubles: full jitter', () => {
  assert.equal(restMs(1, 0), 0);
  assert.equal(restMs(1, 0.5), 250);
  assert.equal(restMs(3, 0.5), 1_000);
  assert.equal(restMs(40, 0.5), 15_000);
});

test('those who were told the same time to come back do not come back at the same time', () => {
  assert.equal(restMs(1, 0, 5_000), 5_000);
  assert.equal(restMs(1, 0.5, 5_000), 5_250);
});
