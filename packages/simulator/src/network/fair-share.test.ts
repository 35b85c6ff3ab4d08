import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FlowNetwork } from './flow-network.ts';

/** Bytes/s of each flow, found by letting all of them run for a millisecond. */
function ratesOf(capacities: number[], flows: { pipes: number[]; cap: number }[]): number[] {
  const network = new FlowNetwork();
  const pipes = capacities.map((c) => network.pipe(c));
  const owner = { flowDone: () => false };
  const ids = flows.map((f) =>
    network.start(
      owner,
      f.pipes.map((p) => pipes[p]!),
      1e9,
      f.cap,
    ),
  );
  network.nextEndIn();
  network.advance(1);
  return ids.map((id) => network.moved(id) * 1000);
}

const none = Number.POSITIVE_INFINITY;

test('flows of one pipe share it alike', () => {
  const rates = ratesOf(
    [900],
    [0, 0, 0].map(() => ({ pipes: [0], cap: none })),
  );
  for (const r of rates) assert.ok(Math.abs(r - 300) < 1e-3);
});

test('what one flow cannot use, the others get', () => {
  // Two through the narrow pipe, one not: the textbook case of max-min fairness.
  const rates = ratesOf(
    [1000, 100],
    [
      { pipes: [0, 1], cap: none },
      { pipes: [0, 1], cap: none },
      { pipes: [0], cap: none },
    ],
  );
  assert.deepEqual(rates.map(Math.round), [50, 50, 900]);
});

test('a cap of its own limits a flow, and the rest is shared', () => {
  const rates = ratesOf(
    [1000],
    [
      { pipes: [0], cap: 100 },
      { pipes: [0], cap: none },
    ],
  );
  assert.deepEqual(rates.map(Math.round), [100, 900]);
});

test('no pipe is overfull, and every flow has a bottleneck', () => {
  const capacity = fc.integer({ min: 1_000, max: 1_000_000 });
  const flow = fc.record({
    pipes: fc.uniqueArray(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }),
    cap: fc.oneof(fc.constant(none), fc.integer({ min: 100, max: 100_000 })),
  });
  fc.assert(
    fc.property(
      fc.array(capacity, { minLength: 5, maxLength: 5 }),
      fc.array(flow, { minLength: 1, maxLength: 30 }),
      (capacities, flows) => {
        const rates = ratesOf(capacities, flows);
        const used = capacities.map((_, p) =>
          flows.reduce((sum, f, k) => sum + (f.pipes.includes(p) ? rates[k]! : 0), 0),
        );
        used.forEach((u, p) => {
          assert.ok(u <= capacities[p]! * 1.0001 + 1, `pipe ${p}: ${u}`);
        });
        flows.forEach((f, k) => {
          const isFull = (p: number) => used[p]! >= capacities[p]! * 0.9999 - 1;
          const isLargest = (p: number) =>
            flows.every((o, j) => !o.pipes.includes(p) || rates[j]! <= rates[k]! * 1.0001 + 1);
          const hasBottleneck = f.pipes.some((p) => isFull(p) && isLargest(p));
          assert.ok(hasBottleneck || rates[k]! >= f.cap * 0.9999 - 1, `flow ${k}: ${rates[k]}`);
        });
      },
    ),
    { numRuns: 300 },
  );
});
