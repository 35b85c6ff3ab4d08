import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ManualClock } from '@sluice/protocol';
import { startGrace } from './start-grace.ts';

/** Runs the clock until the grace is over. @returns how long it took, ms. */
async function graceMs(
  answered: Promise<number>,
  acquaintance: (ms: number) => { connecting: number; greeting: number },
): Promise<number> {
  const clock = new ManualClock();
  const startedAt = clock.now();
  const swarm = {
    get acquaintance() {
      return acquaintance(clock.now() - startedAt);
    },
  };
  let over = false;
  startGrace(swarm, answered, clock, new AbortController().signal).then(() => {
    over = true;
  });
  for (let ms = 0; ms < 10_000; ms += 10) {
    await turn();
    if (over) return ms;
    clock.advance(10);
  }
  return Number.POSITIVE_INFINITY;
}

const known = () => ({ connecting: 0, greeting: 0 });

suite('before HTTP begins', () => {
  test('nobody was named: nothing is waited for', async () => {
    assert.equal(await graceMs(Promise.resolve(0), known), 0);
  });

  test('a silent array: a second', async () => {
    assert.equal(await graceMs(new Promise(() => {}), known), 1_000);
  });

  test('addresses that do not answer: a moment', async () => {
    const ms = await graceMs(Promise.resolve(2), () => ({ connecting: 2, greeting: 0 }));
    assert.equal(ms, 300);
  });

  test('a device that is there and busy gets longer, until it has said what it fetches', async () => {
    const ms = await graceMs(Promise.resolve(1), (at) => ({
      connecting: at < 20 ? 1 : 0,
      greeting: at >= 20 && at < 1_200 ? 1 : 0,
    }));
    assert.equal(ms, 1_200);
  });

  test('one that never says it gets two seconds', async () => {
    const ms = await graceMs(Promise.resolve(1), () => ({ connecting: 0, greeting: 1 }));
    assert.equal(ms, 2_000);
  });
});
