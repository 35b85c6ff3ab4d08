import assert from 'node:assert/strict';
import { test } from 'node:test';
import { medianSummary, type Summary, summarize, summaryRows } from './summary.ts';

const link = { rateMbit: 8, rttMs: 20 };
const file = { size: 1_000_000 };

const timeline = [
  { atMs: 100, received: 100_000 },
  { atMs: 1200, received: 1_040_000 },
];

function device(elapsedMs: number, peakRss: number, duplicateBytes?: number) {
  const usage = { cpuSeconds: 0.5, peakRss, rss: peakRss };
  return { elapsedMs, usage, ...(duplicateBytes !== undefined && { duplicateBytes }) };
}

const summary: Summary = {
  lastDevice: 1.5,
  medianDevice: 1.25,
  wanDown: 1.04,
  wanUp: 0.02,
  wanStartMs: 100,
  afterWanMs: 300,
  duplicates: 0.01,
  cpuSecondsPerDevice: 0.5,
  peakRss: 2 << 20,
};

test('times are multiples of size ÷ rate, bytes multiples of the size', () => {
  const devices = [device(1000, 1 << 20, 0), device(1500, 2 << 20, 20_000)];
  const run = { devices, wan: { received: 1_040_000, sent: 20_000 }, timeline };
  assert.deepEqual(summarize(run, file, link), summary);
});

test('duplicates that one device does not tell are unknown, not zero', () => {
  const run = { devices: [device(1, 1, 0), device(1, 1)], wan: { received: 0, sent: 0 }, timeline };
  assert.equal(summarize(run, file, link).duplicates, null);
});

test('medians figure by figure', () => {
  const rounds = [
    summary,
    { ...summary, lastDevice: 9 },
    { ...summary, lastDevice: 2, wanDown: 3 },
  ];
  assert.deepEqual(medianSummary(rounds), { ...summary, lastDevice: 2 });
  assert.equal(medianSummary([summary, { ...summary, duplicates: null }]).duplicates, null);
});

test('one row for a tool', () => {
  const rows = summaryRows([
    ['a', summary],
    ['b', { ...summary, duplicates: null }],
  ]);
  assert.deepEqual(rows[1], [
    'a',
    '1.50',
    '1.25',
    '1.040',
    '0.020',
    '0.1 s',
    '0.3 s',
    '1.00 %',
    '0.50',
    '2',
  ]);
  assert.equal(rows[2]![7], '-');
});

test('the columns that were chosen, in that order', () => {
  assert.deepEqual(summaryRows([['a', summary]], ['cpu', 'last']), [
    ['', 'CPU s', 'last device'],
    ['a', '0.50', '1.50'],
  ]);
});
