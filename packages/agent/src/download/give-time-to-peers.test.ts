import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ManualClock } from '@sluice/protocol';
import type { ContentSwarm } from '../swarm/content-swarm.ts';
import { giveTimeToPeers } from './give-time-to-peers.ts';

const gib = 1 << 30;
/** Bytes a ms that bring 1 GiB in two seconds. */
const fast = gib / 2_000;

/** @param until ms after which nothing comes. @returns when peers are looked for, and HTTP stopped, ms; undefined: never. */
async function looked(mayTry: boolean, until: number, endsAfter = 20_000) {
  const clock = new ManualClock();
  const startedAt = clock.now();
  const since = () => clock.now() - startedAt;
  const told: { beginsAt?: number; stopsAt?: number } = {};
  const sharing = {
    answered: Promise.resolve(0),
    shared: { swarm: {} as ContentSwarm },
    beginNow: () => {
      told.beginsAt ??= since();
    },
  };
  const transfer = {
    get received() {
      return fast * Math.min(since(), until);
    },
    stopOrigins: () => {},
    setOriginAllowed: (allowed: boolean) => {
      if (!allowed) told.stopsAt ??= since();
    },
  };
  const had = { missing: gib, opening: undefined, mayTry, stopsHttp: true };
  const over = new AbortController();
  let ended = false;
  void giveTimeToPeers(sharing, transfer, had, clock, over.signal).then(() => {
    ended = true;
  });
  while (!ended) {
    await turn();
    if (since() >= endsAfter) over.abort();
    clock.advance(5);
  }
  return told;
}

suite('peers are looked for', () => {
  test('at once, before HTTP, by who has not to show what that brings', async () => {
    assert.deepEqual(await looked(false, 10_000), { beginsAt: 0, stopsAt: 0 });
  });

  test('not at all where HTTP has brought all of it meanwhile', async () => {
    assert.deepEqual(await looked(true, 2_000, 2_000), {});
  });

  test('where it takes longer after all, and HTTP goes on', async () => {
    const { beginsAt, stopsAt } = await looked(true, 10_000);
    assert.ok(beginsAt! >= 5_000 && beginsAt! < 5_500, `${beginsAt} ms`);
    assert.equal(stopsAt, undefined);
  });

  test('soon where HTTP brings nothing any more', async () => {
    const { beginsAt, stopsAt } = await looked(true, 700);
    assert.ok(beginsAt! > 700 && beginsAt! <= 1_250, `${beginsAt} ms`);
    assert.equal(stopsAt, undefined);
  });
});
