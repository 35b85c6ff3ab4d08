import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ManualClock } from '@sluice/protocol';
import { isSoonThrough } from './soon-through.ts';

const gib = 1 << 30;

/** @param bytesPerMs what comes. @returns whether it went on, how long that took, and whether it was stopped. */
async function tried(missing: number, bytesPerMs: number, firstAtMs = 0) {
  const clock = new ManualClock();
  const startedAt = clock.now();
  let stoppedAt: number | undefined;
  const transfer = {
    get received() {
      return Math.max(0, clock.now() - startedAt - firstAtMs) * bytesPerMs;
    },
    stopOrigins() {
      stoppedAt = clock.now() - startedAt;
    },
  };
  let goesOn: boolean | undefined;
  void isSoonThrough(transfer, missing, clock, new AbortController().signal).then((is) => {
    goesOn = is;
  });
  for (; ; clock.advance(5)) {
    await turn();
    if (goesOn !== undefined) return { goesOn, stoppedAt };
  }
}

suite('nobody is waited for', () => {
  test('where HTTP brings all of it in five seconds', async () => {
    assert.deepEqual(await tried(gib, gib / 5_000), { goesOn: true, stoppedAt: undefined });
    assert.deepEqual(await tried(gib, gib / 7_000), { goesOn: false, stoppedAt: 80 });
    assert.deepEqual(await tried(gib, gib / 30_000), { goesOn: false, stoppedAt: 30 });
  });

  test('also where its first bytes take a while', async () => {
    const late = await tried(gib, gib / 4_000, 80);
    assert.deepEqual(late, { goesOn: true, stoppedAt: undefined });
  });

  test('but HTTP stops within a moment where it is slow, or brings nothing', async () => {
    assert.deepEqual(await tried(gib, 2_500), { goesOn: false, stoppedAt: 30 });
    assert.deepEqual(await tried(gib, 0), { goesOn: false, stoppedAt: 125 });
  });

  test('and for less than 256 MiB HTTP does not begin at all', async () => {
    assert.deepEqual(await tried(gib / 4 - 1, gib), { goesOn: false, stoppedAt: 0 });
    assert.deepEqual(await tried(gib / 4, gib), { goesOn: true, stoppedAt: undefined });
  });
});
