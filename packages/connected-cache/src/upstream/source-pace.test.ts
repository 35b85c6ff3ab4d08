import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { SourcePace } from './source-pace.ts';

const MB = 1e6;

/** A source that gives `each` bytes/s to a connection and `inAll` together; always asked for as much as it may be. */
function run(clock: ManualClock, pace: SourcePace, seconds: number, each: number, inAll: number) {
  for (let tick = 0; tick < seconds * 20; tick++) {
    while (pace.active < pace.limit && pace.enter(pace.active === 0));
    clock.advance(50);
    pace.received(Math.min(pace.active * each, inAll) / 20);
  }
}

function setUp(mostConnections = 8) {
  const clock = new ManualClock();
  return { clock, pace: new SourcePace({ clock, mostConnections }) };
}

test('asks for more at once while that brings more, and goes back when it does not', () => {
  const { clock, pace } = setUp(16);
  run(clock, pace, 3, 10 * MB, 100 * MB);
  assert.ok(pace.limit >= 10 && pace.limit <= 12, `${pace.limit}`);
  const narrow = setUp(16);
  run(narrow.clock, narrow.pace, 3, 25 * MB, 100 * MB);
  assert.equal(narrow.pace.limit, 4);
});

test('never more than it is told to', () => {
  const { clock, pace } = setUp(6);
  run(clock, pace, 5, 10 * MB, 1000 * MB);
  assert.equal(pace.limit, 6);
});

test('asks for so much in one request that it lasts', () => {
  const { clock, pace } = setUp();
  assert.equal(pace.runBytes, 4 * 1024 * 1024);
  run(clock, pace, 1, 25 * MB, 1000 * MB);
  assert.ok(Math.abs(pace.runBytes - 10 * MB) < MB, `${pace.runBytes}`);
});

test('a source that refuses is asked less, and not before it likes', () => {
  const { clock, pace } = setUp();
  while (pace.enter(pace.active === 0));
  assert.equal(pace.active, 4);
  let free = 0;
  pace.refused(3_000);
  pace.leave();
  assert.equal(pace.limit, 3);
  pace.leave();
  pace.whenFree(() => free++);
  assert.equal(pace.enter(false), false, 'it wants to be left alone');
  clock.advance(2_999);
  assert.equal(free, 0);
  clock.advance(1);
  assert.equal(free, 1);
  assert.equal(pace.enter(false), true);
  assert.equal(pace.enter(false), false, 'three are what it bears');
  assert.equal(pace.enter(true), false, 'also for who has none');
});

test('who waits is called when one ends, each once, in turn', () => {
  const { pace } = setUp(1);
  pace.enter(true);
  const calls: string[] = [];
  pace.whenFree(() => calls.push('a'));
  pace.whenFree(() => calls.push('b'));
  pace.leave();
  pace.join();
  pace.leave();
  assert.deepEqual(calls, ['a', 'b']);
});
