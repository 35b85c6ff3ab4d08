import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ManualClock, type SluiceError, sluiceError } from '@sluice/protocol';
import { JobMachine, type JobSnapshot } from './job-machine.ts';
import type { JobRun, RunEnd } from './job-run.ts';
import type { JobTarget } from './job-target.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));
const lost = sluiceError('SourceReset', { url: 'u', detail: 'x', retryable: true });
const notFound = sluiceError('SourceNotFound', { url: 'u', status: 404 });

/** A run that does as the test says. */
class FakeRun implements JobRun {
  total = 0;
  transferred = 0;
  waits = false;
  readonly #end = Promise.withResolvers<RunEnd>();
  readonly finished = this.#end.promise;
  bytes = () => ({ total: this.total, transferred: this.transferred });
  id = undefined;
  setForeground = () => {};
  stop = () => this.end('stopped');
  end = (end: RunEnd) => this.#end.resolve(end);
}

function world(before?: JobSnapshot) {
  const clock = new ManualClock();
  const runs: FakeRun[] = [];
  const calls: string[] = [];
  const w = {
    clock,
    runs,
    calls,
    network: true,
    timeoutMs: 300_000,
    beginFault: undefined as SluiceError | undefined,
    target: {
      create: () => calls.push('create'),
      reopen: () => calls.push('reopen'),
      delivered: () => calls.push('delivered'),
      remove: () => calls.push('remove'),
    },
    get run(): FakeRun {
      return runs.at(-1)!;
    },
    /** Lets minutes pass, and what they cause happen. */
    pass: async (ms: number) => {
      for (let t = 0; t < ms; t += 1_000) {
        clock.advance(1_000);
        await settle();
      }
    },
    fail: async (error: SluiceError) => {
      runs.at(-1)!.end({ error });
      await settle();
    },
  };
  const machine = new JobMachine(
    {
      clock,
      check: () => {},
      target: () => w.target as unknown as JobTarget,
      begin: () => {
        if (w.beginFault) throw w.beginFault;
        const run = new FakeRun();
        runs.push(run);
        return run;
      },
      isFatal: ({ code }) => code === 'SourceNotFound',
      hasNetwork: () => w.network,
      noProgressMs: () => w.timeoutMs,
      onChange: () => {},
    },
    before,
  );
  return Object.assign(w, { machine });
}

const codes = ({ State, Error: error, ExtendedError }: JobSnapshot) => [
  State,
  error?.Code,
  ExtendedError?.Code,
];

suite('the states of a job (do-client-contract.md §4)', () => {
  test('retries after 2, 4, 8, 16, 30, 30 s; the error is shown until the next try', async () => {
    const w = world();
    w.machine.start();
    for (const [i, seconds] of [2, 4, 8, 16, 30, 30].entries()) {
      await w.fail(lost);
      assert.deepEqual(codes(w.machine.snapshot()), ['Transferring', 'SourceReset', undefined]);
      await w.pass(seconds * 1_000 - 1_000);
      assert.equal(w.runs.length, i + 1);
      await w.pass(1_000);
      assert.equal(w.runs.length, i + 2);
      assert.deepEqual(codes(w.machine.snapshot()), ['Transferring', undefined, undefined]);
    }
  });

  test('progress makes the waits short again, and a source may ask for longer ones', async () => {
    const w = world();
    w.machine.start();
    for (let i = 0; i < 3; i++) {
      await w.fail(lost);
      await w.pass(8_000);
    }
    Object.assign(w.run, { total: 100, transferred: 10 });
    await w.fail(lost);
    await w.pass(2_000);
    assert.equal(w.runs.length, 5);
    await w.fail(sluiceError('SourceThrottled', { retryAfterMs: 20_000 }));
    await w.pass(19_000);
    assert.equal(w.runs.length, 5);
    await w.pass(1_000);
    assert.equal(w.runs.length, 6);
    assert.equal(w.machine.snapshot().BytesTransferred, 10, 'what is here does not go meanwhile');
  });

  test('what cannot help is not tried again, until its caller starts it', async () => {
    const w = world();
    w.machine.start();
    await w.fail(notFound);
    assert.deepEqual(codes(w.machine.snapshot()), ['Paused', 'SourceNotFound', undefined]);
    assert.equal(w.clock.pending, 0);
    w.machine.start();
    assert.deepEqual(codes(w.machine.snapshot()), ['Transferring', undefined, undefined]);
    w.run.end('done');
    await settle();
    assert.equal(w.machine.state, 'Transferred');
    assert.deepEqual(w.calls, ['create', 'reopen', 'delivered']);
  });

  test('nothing for five minutes pauses it, with the last error behind it; a resume has all its time', async () => {
    const w = world();
    w.machine.start();
    await w.fail(lost);
    await w.pass(299_000);
    assert.equal(w.machine.state, 'Transferring');
    await w.pass(1_000);
    assert.deepEqual(codes(w.machine.snapshot()), ['Paused', 'JobNoProgress', 'SourceReset']);
    w.machine.start();
    await w.pass(290_000);
    assert.equal(w.machine.state, 'Transferring');
    await w.pass(10_000);
    assert.deepEqual(codes(w.machine.snapshot()), ['Paused', 'JobNoProgress', undefined]);
    assert.equal(w.clock.pending, 0);
  });

  test('each new byte gives it more time, and waiting for its turn costs none', async () => {
    const w = world();
    w.timeoutMs = 10_000;
    w.machine.start();
    w.run.waits = true;
    await w.pass(600_000);
    assert.equal(w.machine.state, 'Transferring');
    w.run.waits = false;
    Object.assign(w.run, { total: 1_000 });
    for (let i = 0; i < 20; i++) {
      w.run.transferred++;
      await w.pass(10_000);
    }
    assert.equal(w.machine.state, 'Transferring');
    await w.pass(10_000);
    assert.deepEqual(codes(w.machine.snapshot()), ['Paused', 'JobNoProgress', undefined]);
  });

  test('without a network it waits for one, and goes on by itself', async () => {
    const w = world();
    w.network = false;
    w.machine.start();
    await w.fail(notFound);
    assert.deepEqual(codes(w.machine.snapshot()), ['Paused', undefined, 'JobNoNetwork']);
    await w.pass(60_000);
    assert.equal(w.runs.length, 1);
    w.network = true;
    await w.pass(30_000);
    assert.equal(w.runs.length, 2);
    assert.equal(w.machine.state, 'Transferring');
    await w.machine.pause();
    assert.deepEqual(codes(w.machine.snapshot()), ['Paused', undefined, undefined]);
  });

  test('a pause of what waits for a network or a retry ends the waiting', async () => {
    const w = world();
    w.machine.start();
    await w.fail(lost);
    await w.machine.pause();
    assert.deepEqual(codes(w.machine.snapshot()), ['Paused', undefined, undefined]);
    assert.equal(w.clock.pending, 0);
    w.network = false;
    w.machine.start();
    await w.fail(lost);
    await w.machine.pause();
    assert.equal(w.clock.pending, 0);
  });

  test('a pause may come too late', async () => {
    const w = world();
    w.machine.start();
    w.run.stop = () => w.run.end('done');
    await w.machine.pause();
    assert.equal(w.machine.state, 'Transferred');
  });

  test('an abort waits for the end of the run before it removes the file', async () => {
    const w = world();
    w.machine.start();
    w.run.stop = () => {};
    const aborted = w.machine.abort();
    assert.equal(w.machine.state, 'Aborted');
    await settle();
    assert.deepEqual(w.calls, ['create']);
    w.run.end('done');
    await aborted;
    assert.deepEqual(w.calls, ['create', 'delivered', 'remove']);
    assert.throws(() => w.machine.start(), { code: 'JobInvalidState' });
    await assert.rejects(w.machine.pause(), { code: 'JobInvalidState' });
    assert.throws(() => w.machine.finalize(), { code: 'JobInvalidState' });
  });

  test('what cannot even begin fails like a run', async () => {
    const w = world();
    w.beginFault = notFound;
    w.machine.start();
    assert.deepEqual(codes(w.machine.snapshot()), ['Paused', 'SourceNotFound', undefined]);
  });

  test('a closed one keeps its state, and the next process takes it up', async () => {
    const w = world();
    w.machine.start();
    Object.assign(w.run, { total: 100, transferred: 60 });
    await w.machine.close();
    const kept = w.machine.snapshot();
    assert.deepEqual([kept.State, kept.BytesTransferred], ['Transferring', 60]);
    assert.equal(w.clock.pending, 0);
    const next = world(kept);
    next.machine.takeUp();
    assert.equal(next.runs.length, 1);
    assert.deepEqual(next.calls, []);
  });
});
