import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listenForStop, whenAborted } from './stop-signal.ts';

/** SIGHUP stands for all: the test runner listens to the others itself. */
function listen() {
  let now = 0;
  const exits: number[] = [];
  const stop = listenForStop({ now: () => now, exit: (code) => exits.push(code) });
  return {
    stop,
    exits,
    signalAt(ms: number) {
      now = ms;
      process.emit('SIGHUP', 'SIGHUP');
    },
    [Symbol.dispose]: () => stop[Symbol.dispose](),
  };
}

test('the first signal asks to stop', async () => {
  using listening = listen();
  assert.equal(listening.stop.signal.aborted, false);
  const waiting = whenAborted(listening.stop.signal);
  listening.signalAt(10);
  await waiting;
  await whenAborted(listening.stop.signal);
  assert.deepEqual(listening.exits, []);
});

test('the same request by several ways counts once, a later one ends the process', () => {
  using listening = listen();
  for (const ms of [1000, 1001, 1300]) listening.signalAt(ms);
  assert.deepEqual(listening.exits, []);
  listening.signalAt(1301);
  assert.deepEqual(listening.exits, [130]);
});

test('no listener stays behind', () => {
  const before = process.listenerCount('SIGHUP');
  {
    using _ = listen();
    assert.equal(process.listenerCount('SIGHUP'), before + 1);
  }
  assert.equal(process.listenerCount('SIGHUP'), before);
});
