import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { deadline } from './deadline.ts';
import { delay } from './delay.ts';
import { firstToSucceed } from './first-to-succeed.ts';
import { inTime } from './in-time.ts';
import { systemClock } from './system-clock.ts';
import { unlessAborted } from './unless-aborted.ts';

const never = new AbortController().signal;
const pending = () => new Promise<never>(() => {});
/** Lets everything run that waits for nothing but its turn. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

suite('a deadline', () => {
  test('aborts when its time is over, and says which', () => {
    const clock = new ManualClock();
    using limit = deadline(clock, 500);
    clock.advance(499);
    assert.equal(limit.signal.aborted, false);
    clock.advance(1);
    assert.equal(limit.signal.reason.name, 'TimeoutError');
    assert.match(limit.signal.reason.message, /500 ms/);
  });

  test('aborts with its parent, for the same reason', () => {
    const parent = new AbortController();
    using before = deadline(new ManualClock(), 500, parent.signal);
    parent.abort('why');
    using after = deadline(new ManualClock(), 500, parent.signal);
    assert.deepEqual([before.signal.reason, after.signal.reason], ['why', 'why']);
  });

  test('leaves nothing behind', () => {
    const clock = new ManualClock();
    const parent = new AbortController();
    const limit = deadline(clock, 500, parent.signal);
    limit[Symbol.dispose]();
    parent.abort();
    assert.deepEqual([clock.pending, limit.signal.aborted], [0, false]);
  });
});

suite('a delay', () => {
  test('ends in time, at an abort, and at once when it is aborted already', async () => {
    const clock = new ManualClock();
    const inTime = delay(clock, 10);
    clock.advance(10);
    await inTime;
    const stop = new AbortController();
    const aborted = delay(clock, 10, stop.signal);
    stop.abort();
    await aborted;
    await delay(clock, 10, stop.signal);
    assert.equal(clock.pending, 0);
  });
});

suite('in time', () => {
  test('is what it resolves or rejects to', async () => {
    const clock = new ManualClock();
    assert.equal(await inTime(clock, 10, Promise.resolve(7)), 7);
    await assert.rejects(inTime(clock, 10, Promise.reject(new Error('why'))), /why/);
    assert.equal(clock.pending, 0);
  });

  test('is what has come when time is over, or it is aborted', async () => {
    const clock = new ManualClock();
    const late = inTime(clock, 10, pending());
    clock.advance(10);
    assert.equal(await late, undefined);
    const stop = new AbortController();
    const aborted = inTime(clock, 10, pending(), stop.signal);
    stop.abort();
    assert.equal(await aborted, undefined);
    assert.equal(clock.pending, 0);
  });
});

suite('the system clock', () => {
  test('a timer of a hundred years does not end at once', async () => {
    let fired = false;
    const cancel = systemClock.setTimer(100 * 365 * 86_400_000, () => {
      fired = true;
    });
    await new Promise<void>((resolve) => systemClock.setTimer(5, resolve));
    cancel();
    assert.equal(fired, false);
  });
});

suite('unlessAborted', () => {
  test('gives what the work gives, or the reason of the abort', async () => {
    assert.equal(await unlessAborted(Promise.resolve(1), never), 1);
    await assert.rejects(unlessAborted(Promise.reject(new Error('x')), never), /x/);
    const stop = new AbortController();
    const waiting = unlessAborted(pending(), stop.signal);
    stop.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    await assert.rejects(unlessAborted(pending(), stop.signal), /enough/);
  });
});

suite('the first to succeed', () => {
  test('is asked first, and the others are not when it is quick', async () => {
    let asked = 0;
    const attempts = [1, 2].map((n) => async () => {
      asked++;
      return n;
    });
    const clock = new ManualClock();
    assert.equal(await firstToSucceed(attempts, 100, clock, never), 1);
    assert.deepEqual([asked, clock.pending], [1, 0]);
  });

  test('may be a later one: the slow are not waited for, and are aborted', async () => {
    const clock = new ManualClock();
    const ended: unknown[] = [];
    const slow = async (signal: AbortSignal) => {
      await once(signal, 'abort');
      ended.push('slow');
      throw new Error('aborted');
    };
    const result = firstToSucceed([slow, async () => 'quick'], 100, clock, never);
    await settle();
    assert.deepEqual(ended, []);
    clock.advance(100);
    assert.equal(await result, 'quick');
    assert.deepEqual([ended, clock.pending], [['slow'], 0]);
  });

  test('may be an early one that took its time', async () => {
    const clock = new ManualClock();
    const first = Promise.withResolvers<string>();
    const later = async (signal: AbortSignal) => unlessAborted(pending(), signal);
    const result = firstToSucceed([() => first.promise, later], 100, clock, never);
    clock.advance(1_000);
    await settle();
    first.resolve('at last');
    assert.equal(await result, 'at last');
  });

  test('a failure has the next one asked at once; all failures are told in order', async () => {
    const clock = new ManualClock();
    const attempts = ['a', 'b'].map((text) => async () => {
      throw new Error(text);
    });
    await assert.rejects(firstToSucceed(attempts, 100, clock, never), ({ errors }) => {
      assert.deepEqual(
        errors.map((e: Error) => e.message),
        ['a', 'b'],
      );
      return true;
    });
    assert.equal(clock.pending, 0);
  });

  test('there is none without attempts, and none after an abort', async () => {
    const clock = new ManualClock();
    await assert.rejects(firstToSucceed([], 100, clock, never), AggregateError);
    const stop = new AbortController();
    const hanging = async (signal: AbortSignal) => {
      await once(signal, 'abort');
      throw new Error('aborted');
    };
    const result = firstToSucceed([hanging, hanging], 100, clock, stop.signal);
    stop.abort(new Error('enough'));
    await assert.rejects(result, /enough/);
    await assert.rejects(firstToSucceed([hanging], 100, clock, stop.signal), /enough/);
    assert.equal(clock.pending, 0);
  });
});

suite('the real clock', () => {
  test('goes on, fires, and can be told not to', async () => {
    const before = systemClock.now();
    const cancel = systemClock.setTimer(1, () => assert.fail('it was cancelled'));
    cancel();
    await new Promise<void>((resolve) => systemClock.setTimer(2, resolve));
    assert.ok(systemClock.now() > before);
  });
});
