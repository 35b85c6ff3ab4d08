import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { Throttle } from './throttle.ts';
import { UploadPace } from './upload-pace.ts';
import { WatchedPath } from './watched-path.ts';

const never = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Uploads to one peer as fast as they may, over a line that passes 1 MB/s; its delay is the test's. */
function setUp(limit?: number) {
  const clock = new ManualClock();
  const state = { ms: 20, sent: 0, probes: 0 };
  const address = { host: '198.51.100.7', port: 7680 };
  const probe = async () => {
    state.probes++;
    return { ms: state.ms, slackMs: 0 };
  };
  const path = new WatchedPath({ address, clock, probe });
  const throttle = limit === undefined ? undefined : new Throttle(clock, limit);
  const pace = new UploadPace({ limit: throttle, path: () => path });
  const send = async (ms: number) => {
    let waiting = false;
    const before = state.sent;
    for (let t = 0; t < ms; t += 10) {
      if (!waiting) {
        waiting = true;
        pace.take(10_000, never).then((bytes) => {
          waiting = false;
          state.sent += bytes;
          pace.sent(bytes);
        });
      }
      await turn();
      clock.advance(10);
    }
    await turn();
    return (1000 * (state.sent - before)) / ms;
  };
  return { clock, state, path, pace, send };
}

test('goes at full speed while no queue is seen', async () => {
  const { send, path, state } = setUp();
  assert.ok((await send(3_000)) > 900_000);
  assert.ok(state.probes > 5);
  assert.equal(path.throttle.isOpen, true);
});

test('gives way when a queue grows before the line, and comes back', async () => {
  const { send, state } = setUp();
  await send(3_000);
  state.ms = 250;
  await send(5_000);
  const crowded = await send(5_000);
  assert.ok(crowded < 500_000, `${crowded} bytes/s`);
  state.ms = 20;
  await send(15_000);
  const free = await send(5_000);
  assert.ok(free > 1.5 * crowded, `${free} bytes/s after ${crowded}`);
});

test('of the path and the limit the smaller holds, and what is not sent is given back', async () => {
  const { send, pace, clock } = setUp(100_000);
  await send(2_000);
  const rate = await send(5_000);
  assert.ok(rate > 90_000 && rate < 110_000, `${rate} bytes/s`);
  clock.advance(1_000);
  const taken = await pace.take(2_000, never);
  pace.giveBack(taken);
  assert.equal(await pace.take(2_000, never), 2_000);
});

test('a peer that is gone is probed no more', async () => {
  const { send, pace, state, clock } = setUp();
  await send(1_000);
  pace.close();
  const { probes } = state;
  assert.equal(await pace.take(5_000, never), 5_000);
  pace.sent(5_000);
  clock.advance(10_000);
  await turn();
  assert.deepEqual([state.probes, clock.pending], [probes, 0]);
});
