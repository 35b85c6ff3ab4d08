import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ManualClock } from '@sluice/protocol';
import { isSoonThrough } from './soon-through.ts';

const gib = 1 << 30;

/** @param came how much after so many ms, or bytes per ms. @returns whether it went on, how long that took, and whether it was stopped. */
async function tried(missing: number, came: number | ((ms: number) => number), firstAtMs = 0) {
  const after = typeof came === 'number' ? (ms: number) => ms * came : came;
  const clock = new ManualClock();
  const startedAt = clock.now();
  let stoppedAt: number | undefined;
  const transfer = {
    get received() {
      return after(Math.max(0, clock.now() - startedAt - firstAtMs));
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
    assert.deepEqual(await tried(gib, gib / 7_000), { goesOn: false, stoppedAt: 255 });
    assert.deepEqual(await tried(gib, gib / 30_000), { goesOn: false, stoppedAt: 55 });
  });

  test('also where its first bytes take a while', async () => {
    const late = await tried(gib, gib / 4_000, 80);
    assert.deepEqual(late, { goesOn: true, stoppedAt: undefined });
  });

  test('and where it is at half of its pace while threads start', async () => {
    const pace = gib / 4_000;
    const late = await tried(
      gib,
      (ms) => (pace * Math.min(ms, 100)) / 2 + pace * Math.max(0, ms - 100),
    );
    assert.deepEqual(late, { goesOn: true, stoppedAt: undefined });
  });

  test('and where it stands still meanwhile', async () => {
    const pace = gib / 8_000;
    const late = await tried(
      gib,
      (ms) => pace * Math.min(ms, 60) + 2 * pace * Math.max(0, ms - 160),
    );
    assert.deepEqual(late, { goesOn: true, stoppedAt: undefined });
  });

  test('but HTTP stops within a moment where it is slow, or brings nothing', async () => {
    assert.deepEqual(await tried(gib, 2_500), { goesOn: false, stoppedAt: 55 });
    assert.deepEqual(await tried(gib, 0), { goesOn: false, stoppedAt: 150 });
  });

  test('and for less than 256 MiB HTTP does not begin at all', async () => {
    assert.deepEqual(await tried(gib / 4 - 1, gib), { goesOn: false, stoppedAt: 0 });
    assert.deepEqual(await tried(gib / 4, gib), { goesOn: true, stoppedAt: undefined });
  });
});
