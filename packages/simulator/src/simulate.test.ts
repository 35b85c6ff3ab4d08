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

test('the signal is heeded soon, however long a step takes', async () => {
  const stop = new AbortController();
  let steps = 0;
  const turnMs = 100;
  const run = simulate(
    { ...scenario, content: { pieces: 2_000 } },
    { signal: stop.signal, onProgress: () => stop.abort(), now: () => turnMs * steps++ },
  );
  await assert.rejects(run, { name: 'AbortError' });
  assert.ok(steps > 0 && steps < 10, `${steps}`);
});

test('who has not begun, or not come back, when the time is over is left incomplete', async () => {
  const [office] = scenario.devices;
  const late = { ...office!, startSeconds: 1_000 };
  const lost = { ...office!, leaves: [{ at: 0.5, backAfter: 1_000 }] };
  for (const device of [late, lost]) {
    const { report } = await simulate({
      ...scenario,
      devices: [device],
      model: { maxSeconds: 300 },
    });
    assert.equal(report.incomplete, 12);
    assert.equal(report.times.p50, Number.POSITIVE_INFINITY);
  }
});

test('who goes for good is not waited for', async () => {
  const [office] = scenario.devices;
  const gone = { ...office!, leaves: [{ at: 0.5 }] };
  const { report } = await simulate({ ...scenario, devices: [office!, gone] });
  assert.equal(report.incomplete, 0);
  assert.ok(Number.isFinite(report.times.last));
});

test('who never gets all is endlessly slower than HTTP alone', async () => {
  const [office] = scenario.devices;
  const { report } = await simulate({
    ...scenario,
    source: { mbit: 100, down: [{ from: 1 }] },
    devices: [office!, { ...office!, startSeconds: 250 }],
    model: { maxSeconds: 300 },
  });
  assert.ok(report.incomplete > 0);
  assert.equal(report.toHttpAlone, Number.POSITIVE_INFINITY);
});

test('a site is what its place says, whatever its name looks like', async () => {
  const names = ['2001:db8:0:1:a', '2001:db8:0:1:b', 'with a "quote"'];
  const { report } = await simulate({
    ...scenario,
    sites: names.map((name) => ({ name })),
    devices: names.map((site) => ({ ...scenario.devices[0]!, site })),
  });
  assert.equal(report.bytes.internet, 0);
  assert.equal(report.incomplete, 0);
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
