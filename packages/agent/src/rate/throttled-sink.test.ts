import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import type { RunSink } from '../source/index.ts';
import { Throttle } from './throttle.ts';
import { type Gate, ThrottledSink } from './throttled-sink.ts';

const never = new AbortController().signal;

class Inner implements RunSink {
  room = 1 << 20;
  got = 0;
  asked = 0;

  space(): Uint8Array | undefined {
    return this.room > 0 ? new Uint8Array(this.room) : undefined;
  }

  filled(n: number): void {
    this.got += n;
  }

  async ready(): Promise<void> {
    this.asked++;
  }
}

function setUp(rate: number) {
  const clock = new ManualClock();
  const throttle = new Throttle(clock, rate);
  const gate = { throttle, window: 1_000, passed: 0 };
  const received: Gate['received'] = (n) => {
    gate.passed += n;
  };
  const inner = new Inner();
  const sink = new ThrottledSink(inner, { throttle, window: 1_000, received }, never);
  return { clock, throttle, gate, inner, sink };
}

test('has room for a turn at a time, and the same room until it is filled', () => {
  const { sink, inner, gate } = setUp(1e6);
  assert.equal(sink.space()?.length, 10_000);
  assert.equal(sink.space()?.length, 10_000, 'asking again takes nothing');
  sink.filled(4_000);
  assert.equal(sink.space()?.length, 6_000);
  sink.filled(6_000);
  assert.equal(inner.got, 10_000);
  assert.equal(gate.passed, 10_000);
});

test('without tokens there is no room until `ready`, which does not ask for a buffer that is held', async () => {
  const { sink, inner, clock } = setUp(1e6);
  for (let space = sink.space(); space; space = sink.space()) sink.filled(space.length);
  let isReady = false;
  const ready = sink.ready().then(() => {
    isReady = true;
  });
  clock.advance(5);
  await Promise.resolve();
  assert.equal(isReady, false);
  clock.advance(6);
  await ready;
  assert.equal(sink.space()?.length, 10_000);
  assert.equal(inner.asked, 0);
});

test('without a buffer inside it waits for that, and takes no tokens', async () => {
  const { sink, inner, throttle } = setUp(1e6);
  inner.room = 0;
  assert.equal(sink.space(), undefined);
  await sink.ready();
  assert.equal(inner.asked, 1);
  let left = 0;
  for (let n = throttle.tryTake(1e6); n > 0; n = throttle.tryTake(1e6)) left += n;
  assert.equal(left, 50_000);
});

test('an open throttle clips nothing; what was taken and did not come is given back', () => {
  const { sink, throttle, clock } = setUp(1e6);
  assert.equal(sink.space()?.length, 10_000);
  sink.end();
  let left = 0;
  for (let n = throttle.tryTake(1e6); n > 0; n = throttle.tryTake(1e6)) left += n;
  assert.equal(left, 50_000);
  throttle.setRate(Number.POSITIVE_INFINITY);
  assert.equal(sink.space()?.length, 1 << 20);
  assert.equal(clock.pending, 0);
  assert.equal(sink.window(), 1_000);
});
