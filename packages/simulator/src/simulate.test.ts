import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scenario } from './scenario/schema.ts';
import { simulate } from './simulate.ts';

const scenario: Scenario = {
  name: 'twelve',
  content: { pieces: 32 },
  source: { mbit: 100 },
  sites: [{ name: 'office' }],
  devices: [{ site: 'office', count: 12, downMbit: 1000, upMbit: 1000 }],
};

test('the same seed gives the same run, another one another', async () => {
  const [a, b, c] = [
    await simulate(scenario, { seed: 3 }),
    await simulate(scenario, { seed: 3 }),
    await simulate(scenario, { seed: 4 }),
  ];
  assert.deepEqual(a, b);
  assert.notDeepEqual(a.report.times, c.report.times);
});

test('every byte is accounted for', async () => {
  const { report } = await simulate(scenario);
  const { source, lan } = report.bytes;
  assert.equal(source + lan, 12 * report.contentBytes);
  assert.equal(report.peerShare, lan / (source + lan));
  assert.ok(report.control.bytes > 0 && report.control.bytes < report.contentBytes / 50);
});

test('no run beats the bound', async () => {
  const { report } = await simulate(scenario);
  assert.ok(report.ratio.last >= 1, `${report.ratio.last}`);
});

test('the grain of the clock does not matter much', async () => {
  const seconds: number[] = [];
  for (const stepMs of [0.5, 5, 20]) {
    const { report } = await simulate({ ...scenario, model: { stepMs } });
    seconds.push(report.times.last);
  }
  assert.ok(Math.max(...seconds) < 1.05 * Math.min(...seconds), seconds.join(' '));
});

test('progress is told, and the signal ends the run', async () => {
  const stop = new AbortController();
  let told = 0;
  const run = simulate(
    { ...scenario, content: { pieces: 2_000 } },
    {
      signal: stop.signal,
      onProgress: ({ devices, pieces, ofPieces }) => {
        told++;
        assert.equal(devices, 12);
        assert.ok(pieces < ofPieces);
        stop.abort();
      },
    },
  );
  await assert.rejects(run, { name: 'AbortError' });
  assert.equal(told, 1);
});

test('a run that cannot end is over at its time, and says who is left', async () => {
  const { report, verdicts } = await simulate({
    ...scenario,
    source: { mbit: 100, down: [{ from: 0 }] },
    model: { maxSeconds: 300 },
  });
  assert.equal(report.incomplete, 12);
  assert.equal(report.times.p50, Number.POSITIVE_INFINITY);
  assert.deepEqual(
    verdicts.map((v) => [v.name, v.isMet]),
    [['incomplete', false]],
  );
});
