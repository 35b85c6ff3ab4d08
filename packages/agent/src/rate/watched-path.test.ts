import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import type { Address, DelaySample } from './delay-probe.ts';
import { WatchedPath } from './watched-path.ts';

const address = { host: '192.0.2.1', port: 80 };
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A path whose delay the test says; a negative one is a refusal. */
function setUp() {
  const clock = new ManualClock();
  const probes: Address[] = [];
  const state = { ms: 10, hangs: false, aborted: 0 };
  const path = new WatchedPath({
    address,
    clock,
    probe: async (to, signal): Promise<DelaySample> => {
      probes.push(to);
      if (state.hangs) {
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            state.aborted++;
            reject(new Error('aborted'));
          });
        });
      }
      if (state.ms < 0) throw new Error('refused');
      return { ms: state.ms, slackMs: 0 };
    },
  });
  /** Bytes come at 1 MB/s. */
  const stream = async (ms: number) => {
    for (let t = 0; t < ms; t += 10) {
      path.received(10_000);
      await turn();
      clock.advance(10);
    }
    await turn();
  };
  return { clock, path, probes, state, stream };
}

test('nothing is probed before bytes come, nor when they have stopped', async () => {
  const { path, probes, stream, clock } = setUp();
  path.use();
  assert.equal(probes.length, 0);
  await stream(5_000);
  assert.ok(probes.length >= 15 && probes.length <= 22, `${probes.length} probes`);
  assert.deepEqual(probes[0], address);
  for (let i = 0; i < 10; i++) {
    clock.advance(1_000);
    await turn();
  }
  const soFar = probes.length;
  clock.advance(60_000);
  await turn();
  assert.equal(probes.length, soFar);
  assert.equal(clock.pending, 0);
  path.letGo();
});

test('a queue closes the throttle, its end opens up the way again', async () => {
  const { path, state, stream } = setUp();
  path.use();
  await stream(2_000);
  assert.equal(path.throttle.isOpen, true);
  assert.equal(path.window, Number.POSITIVE_INFINITY);
  state.ms = 300;
  await stream(5_000);
  assert.equal(path.throttle.isOpen, false);
  assert.equal(path.window, 32 * 1024);
  path.letGo();
});

test('one late answer makes requests small until the next is not late', async () => {
  const { path, state, stream } = setUp();
  path.use();
  await stream(2_000);
  state.ms = 300;
  await stream(520);
  assert.equal(path.throttle.isOpen, true);
  assert.equal(path.window, 32 * 1024);
  state.ms = 10;
  await stream(100);
  assert.equal(path.window, Number.POSITIVE_INFINITY);
  path.letGo();
});

test('who does not answer any more after a late answer has large requests', async () => {
  const { path, state, stream } = setUp();
  path.use();
  await stream(2_000);
  state.ms = 300;
  await stream(520);
  state.ms = -1;
  await stream(3_000);
  assert.equal(path.throttle.isOpen, true);
  assert.equal(path.window, Number.POSITIVE_INFINITY);
  path.letGo();
});

test('at first requests are small, and grow with what comes', async () => {
  const { path, stream } = setUp();
  path.use();
  assert.equal(path.window, 128 * 1024);
  await stream(100);
  path.received(32 << 20);
  assert.ok(path.window > 4 << 20);
  path.letGo();
});

test('the last user ends a probe under way, and its timer', async () => {
  const { path, state, clock, stream } = setUp();
  path.use();
  path.use();
  state.hangs = true;
  await stream(50);
  path.letGo();
  assert.equal(state.aborted, 0);
  path.letGo();
  await turn();
  assert.equal(state.aborted, 1);
  assert.equal(clock.pending, 0);
  path.received(1_000);
  assert.equal(clock.pending, 0, 'a late byte starts nothing');
});

test('who does not answer is probed no more, and slows nobody down', async () => {
  const { path, probes, state, stream, clock } = setUp();
  path.use();
  await stream(1_000);
  state.ms = 300;
  await stream(3_500);
  assert.equal(path.throttle.isOpen, false);
  state.ms = -1;
  await stream(5_000);
  assert.equal(path.throttle.isOpen, true);
  const soFar = probes.length;
  await stream(2_000);
  assert.equal(probes.length, soFar);
  assert.equal(clock.pending, 0);
  path.letGo();
});
