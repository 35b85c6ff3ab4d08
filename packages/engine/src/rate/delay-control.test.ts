import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Background, Bottleneck, Greedy, Steady } from './bottleneck.test-kit.ts';
import { DelayControl, delayTargetMs } from './delay-control.ts';

const mbit = 125_000;

/** Runs the link. @returns shares of it, 0–1, of the flows, and the queue's delay, ms. */
function run(link: Bottleneck, flows: { received: number }[], seconds: number) {
  const before = flows.map((f) => f.received);
  const from = link.queueLog.length;
  link.run(seconds);
  const queue = link.queueLog.slice(from).toSorted((a, b) => a - b);
  return {
    shares: flows.map((f, i) => (f.received - before[i]!) / (link.capacity * seconds)),
    queueMs: (part: number) => queue[Math.floor(part * (queue.length - 1))]!,
  };
}

/** Noise of real probes: some milliseconds, now and then much more. */
function noise(): () => number {
  let seed = 1;
  const next = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  return () => (next() < 0.1 ? 80 * next() : 8 * next());
}

for (const rate of [2, 20, 200]) {
  for (const baseMs of [5, 60]) {
    test(`alone on ${rate} Mbit/s, ${baseMs} ms away: fills the link, not its queue`, () => {
      const link = new Bottleneck(rate * mbit, { bufferMs: 400, baseMs });
      const flow = new Background(link);
      link.flows.push(flow);
      const start = run(link, [flow], 4);
      assert.ok(start.queueMs(1) > 200, 'the queue was never tried: the test shows nothing');
      const { shares, queueMs } = run(link, [flow], 60);
      assert.ok(shares[0]! >= 0.95, `only ${shares[0]} of the link`);
      // Where a probe takes long beside what fits the queue, the queue swings more.
      const tolerance = rate === 2 ? 100 : 45;
      assert.ok(queueMs(0.95) <= delayTargetMs + tolerance, `queue of ${queueMs(0.95)} ms`);
      assert.ok(queueMs(0.5) <= delayTargetMs, `queue of ${queueMs(0.5)} ms half of the time`);
    });
  }
}

test('noisy samples change little', () => {
  const link = new Bottleneck(20 * mbit, { bufferMs: 400, baseMs: 20 });
  const flow = new Background(link, noise());
  link.flows.push(flow);
  run(link, [flow], 5);
  const { shares, queueMs } = run(link, [flow], 60);
  assert.ok(shares[0]! >= 0.95, `only ${shares[0]} of the link`);
  assert.ok(queueMs(0.95) <= delayTargetMs + 20, `queue of ${queueMs(0.95)} ms`);
});

for (const bufferMs of [120, 400, 1_500]) {
  test(`gives way to a greedy download before a queue of ${bufferMs} ms, and comes back`, () => {
    const link = new Bottleneck(20 * mbit, { bufferMs, baseMs: 20 });
    const flow = new Background(link);
    const other = new Greedy();
    link.flows.push(flow);
    run(link, [flow], 20);
    link.flows.push(other);
    run(link, [flow, other], 6);
    const during = run(link, [flow, other], 20);
    assert.ok(during.shares[0]! <= 0.1, `${during.shares[0]} of the link`);
    assert.ok(during.shares[1]! >= 0.85, `the other gets ${during.shares[1]}`);
    other.on = false;
    run(link, [flow], 8);
    const after = run(link, [flow], 20);
    assert.ok(after.shares[0]! >= 0.93, `${after.shares[0]} of the link afterwards`);
  });
}

test('takes what a steady sender leaves', () => {
  const link = new Bottleneck(20 * mbit, { bufferMs: 400, baseMs: 20 });
  const flow = new Background(link);
  link.flows.push(flow, new Steady(10 * mbit));
  run(link, [flow], 15);
  const { shares, queueMs } = run(link, [flow], 30);
  assert.ok(shares[0]! > 0.45 && shares[0]! <= 0.51, `${shares[0]} of the link`);
  assert.ok(queueMs(0.95) <= delayTargetMs + 40, `queue of ${queueMs(0.95)} ms`);
});

for (const late of [0, 45]) {
  test(`two share evenly, the second ${late} s later`, () => {
    const link = new Bottleneck(20 * mbit, { bufferMs: 400, baseMs: 20 });
    const first = new Background(link, noise());
    link.flows.push(first);
    if (late > 0) run(link, [first], late);
    const second = new Background(link);
    link.flows.push(second);
    run(link, [first, second], 40);
    const { shares, queueMs } = run(link, [first, second], 60);
    const [a = 0, b = 0] = shares;
    const jain = (a + b) ** 2 / (2 * (a ** 2 + b ** 2));
    assert.ok(jain > 0.9, `${a} and ${b}: ${jain}`);
    assert.ok(a + b >= 0.93, `${a + b} of the link`);
    assert.ok(queueMs(0.95) <= delayTargetMs + 40, `queue of ${queueMs(0.95)} ms`);
  });
}

test('who is left of a crowd takes the link soon', () => {
  const link = new Bottleneck(50 * mbit, { bufferMs: 400, baseMs: 20 });
  const crowd = Array.from({ length: 20 }, () => new Background(link, noise(), 1 / 20));
  link.flows.push(...crowd);
  run(link, crowd, 10);
  const together = run(link, crowd, 30).shares.reduce((a, b) => a + b);
  assert.ok(together >= 0.9, `${together} of the link while all are there`);
  const [last] = crowd;
  link.flows.splice(0, crowd.length, last!);
  const before = run(link, [last!], 1).shares[0]!;
  assert.ok(before < 0.15, `${before} at once: the test shows nothing`);
  run(link, [last!], 11);
  const { shares, queueMs } = run(link, [last!], 20);
  assert.ok(shares[0]! >= 0.9, `only ${shares[0]} of the link`);
  assert.ok(queueMs(0.95) <= delayTargetMs + 45, `queue of ${queueMs(0.95)} ms`);
});

test('no limit while no queue is seen, whatever comes and however noisy it is', () => {
  const samples = fc.array(
    fc.record({
      ms: fc.double({ min: 20, max: 20 + delayTargetMs, noNaN: true }),
      mb: fc.nat(200),
    }),
  );
  fc.assert(
    fc.property(samples, (list) => {
      const control = new DelayControl();
      list.forEach(({ ms, mb }, i) => {
        control.received(mb * 1e6);
        control.sample(ms, 500 * i);
        assert.equal(control.rate, Number.POSITIVE_INFINITY);
      });
    }),
  );
});

test('one outlier, or a delay of the own device, is no queue', () => {
  const control = new DelayControl();
  let now = 0;
  const sample = (ms: number, slackMs?: number) => {
    control.received(1e6);
    now += 500;
    control.sample(ms, now, slackMs);
  };
  for (const ms of [10, 12, 125, 11, 10, 110, 9]) sample(ms);
  for (let i = 0; i < 5; i++) sample(300, 290);
  assert.equal(control.rate, Number.POSITIVE_INFINITY);
  for (let i = 0; i < 7; i++) sample(300, 20);
  assert.equal(control.rate, Number.POSITIVE_INFINITY, 'a busy machine answers late, too');
  sample(300, 20);
  assert.ok(control.rate < 2e6);
});

test('the rate is never less than a transfer lives by', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3_000), fc.nat(1e7)), { maxLength: 200 }), (list) => {
      const control = new DelayControl();
      list.forEach(([ms, bytes], i) => {
        control.received(bytes);
        control.sample(ms, 250 * i);
        assert.ok(control.rate >= 16_384, `${control.rate}`);
        assert.ok(control.nextSampleMs >= 50);
      });
    }),
  );
});

test('a path that got longer is believed after ten minutes', () => {
  const control = new DelayControl();
  control.received(1e6);
  control.sample(10, 0);
  for (let now = 500; now <= 660_000; now += 500) {
    control.received(1e6);
    control.sample(110, now);
  }
  assert.equal(control.queueMs, 0);
});
