import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSluiceError, ManualClock } from '@sluice/protocol';
import { Throttle } from './throttle.ts';

const never = new AbortController().signal;

/** Lets what was resolved go on. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Takes for `ms`, in steps of 5 ms. @returns bytes per taker. */
async function takeFor(clock: ManualClock, throttle: Throttle, takers: number, ms: number) {
  const taken = new Array<number>(takers).fill(0);
  const control = new AbortController();
  const run = async (i: number) => {
    for (;;) taken[i]! += await throttle.take(1 << 20, control.signal);
  };
  const running = taken.map((_, i) => run(i).catch(() => {}));
  for (let t = 0; t < ms; t += 5) {
    await turn();
    clock.advance(5);
  }
  control.abort();
  await Promise.all(running);
  return taken;
}

describe('Throttle', () => {
  it('lets no more pass than its rate and a burst, and no less', async () => {
    for (const rate of [20_000, 1e6, 50e6]) {
      const clock = new ManualClock();
      const [taken = 0] = await takeFor(clock, new Throttle(clock, rate), 1, 10_000);
      assert.ok(taken >= 9.8 * rate - 4096 && taken <= 10.2 * rate + 8192, `${taken} at ${rate}`);
      assert.equal(clock.pending, 0);
    }
  });

  it('shares evenly among those who want', async () => {
    const clock = new ManualClock();
    const taken = await takeFor(clock, new Throttle(clock, 1e6), 4, 4_000);
    for (const bytes of taken) assert.ok(Math.abs(bytes / 1e6 - 1) < 0.1, `${taken}`);
  });

  it('gives nothing past the queue', async () => {
    const clock = new ManualClock();
    const throttle = new Throttle(clock, 1e6);
    while (throttle.tryTake(1 << 20) > 0);
    const waits = throttle.take(10_000, never);
    clock.advance(5);
    assert.equal(throttle.tryTake(100), 0, 'tokens are there, but another waits for them');
    clock.advance(5);
    assert.equal(await waits, 10_000);
    assert.equal(clock.pending, 0);
  });

  it('lets go of who is aborted, and the next one has its turn', async () => {
    const clock = new ManualClock();
    const throttle = new Throttle(clock, 1e6);
    while (throttle.tryTake(1 << 20) > 0);
    const control = new AbortController();
    const first = throttle.take(10_000, control.signal);
    const second = throttle.take(10_000, never);
    control.abort();
    await assert.rejects(first, (e) => isSluiceError(e, 'Cancelled'));
    clock.advance(10);
    assert.equal(await second, 10_000);
    await assert.rejects(throttle.take(1, control.signal), (e) => isSluiceError(e, 'Cancelled'));
    assert.equal(clock.pending, 0);
  });

  it('without a limit everything passes at once; who waits is let through when it ends', async () => {
    const clock = new ManualClock();
    const throttle = new Throttle(clock, 4_096);
    while (throttle.tryTake(1 << 20) > 0);
    const waits = throttle.take(1 << 20, never);
    throttle.setRate(Number.POSITIVE_INFINITY);
    assert.equal(await waits, 1 << 20);
    assert.equal(throttle.isOpen, true);
    assert.equal(throttle.tryTake(1e9), 1e9);
    assert.equal(clock.pending, 0);
  });
});
