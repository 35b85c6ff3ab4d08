import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildFleet } from '../fleet/build-fleet.ts';
import type { Scenario } from '../scenario/schema.ts';
import { boundOf } from './bound.ts';
import { judge } from './expectations.ts';
import { httpAloneSeconds } from './http-alone.ts';
import { reportOf } from './report.ts';
import { jainIndex, percentile } from './statistics.ts';

const base: Scenario = {
  name: 'bound',
  content: { pieces: 100, pieceBytes: 1_000_000 },
  source: { mbit: 80 },
  sites: [{ name: 'a' }],
  devices: [{ site: 'a', count: 10, downMbit: 800, upMbit: 800 }],
};
const bound = (change: Partial<Scenario>) => boundOf(buildFleet({ ...base, ...change }, 1));
const device = base.devices[0]!;

test('percentiles by nearest rank', () => {
  const values = Array.from({ length: 1000 }, (_, k) => k + 1);
  assert.equal(percentile(values, 0.5), 500);
  assert.equal(percentile(values, 0.999), 999);
  assert.equal(percentile([7], 0.01), 7);
});

test('the fairness index: alike is 1, one for all is 1/n', () => {
  assert.equal(jainIndex([3, 3, 3]), 1);
  assert.equal(jainIndex([4, 0, 0, 0]), 0.25);
  assert.equal(jainIndex([0, 0]), 1);
});

test('bound: one copy from the source, 100 MB at 10 MB/s', () => {
  assert.deepEqual(bound({}), { term: 'source', seconds: 10 });
});

test('bound: the slowest way down', () => {
  const slow = { ...device, count: 1, downMbit: 8 };
  assert.deepEqual(bound({ devices: [device, slow] }), { term: 'downlink', seconds: 100 });
});

test('bound: all that can send', () => {
  // 10 × 100 MB over 10 + 10 × 1 MB/s.
  const thin = { ...device, upMbit: 8 };
  assert.deepEqual(bound({ devices: [thin] }), { term: 'aggregate', seconds: 50 });
});

test('bound: the line of a site, and copies for two sites that do not reach each other', () => {
  const sites = [{ name: 'a', count: 2, downMbit: 20 }];
  assert.deepEqual(bound({ sites }), { term: 'siteLine', site: 'a-1', seconds: 40 });
  const fast = [{ name: 'a', count: 2 }];
  assert.deepEqual(bound({ sites: fast }), { term: 'source', seconds: 20 });
  const group = [{ ...device, mode: 'Group' as const }];
  assert.equal(bound({ sites: fast, devices: group }).seconds, 10);
});

test('bound: who has everything already makes the source needless', () => {
  const result = bound({ devices: [device, { ...device, count: 1, has: 1 }] });
  assert.equal(result.term, 'downlink');
  assert.equal(result.seconds, 1);
});

test('HTTP alone: ten share the source; one that comes when all are done has it alone', () => {
  const fleet = buildFleet(base, 1);
  const [late] = fleet.devices;
  for (const d of fleet.devices) d.startedAt = 0;
  late!.startedAt = 1e6;
  const seconds = httpAloneSeconds(fleet);
  assert.ok(Math.abs(seconds[0]! - 10) < 1e-6, `${seconds[0]}`);
  for (const s of seconds.subarray(1)) assert.ok(Math.abs(s - 90) < 1e-6, `${s}`);
});

test('limits: from above, from below, and that nobody is left behind', () => {
  const report = reportOf(buildFleet(base, 1), 1);
  const verdicts = judge({ sourceCopies: 1, minPeerShare: 0.5 }, { ...report, incomplete: 1 });
  assert.deepEqual(
    verdicts.map((v) => [v.name, v.isMet]),
    [
      ['incomplete', false],
      ['sourceCopies', true],
      ['minPeerShare', false],
    ],
  );
});

test('came twice: a part of what came whole, also when nothing was delivered', () => {
  const fleet = buildFleet(base, 1);
  const [one] = fleet.devices;
  const duplicates = () => reportOf(fleet, 1).duplicates;
  assert.equal(duplicates(), 0);
  one!.payload = 5_000_000;
  assert.equal(duplicates(), 1);
  one!.bytes.http = 4_000_000;
  assert.equal(duplicates(), 0.2);
  // Bad pieces are told apart.
  one!.bad = 1_000_000;
  assert.equal(duplicates(), 0);
});

test('copies of a site: on average over the sites where somebody wanted something', () => {
  const sites = [{ name: 'a' }, { name: 'full' }, { name: 'late' }, { name: 'idle', count: 7 }];
  const devices = [
    { ...device, count: 2 },
    { ...device, site: 'full', count: 1, has: 1 },
    { ...device, site: 'late', count: 1, startSeconds: 1e6 },
  ];
  const fleet = buildFleet({ ...base, sites, devices }, 1);
  const copies = () => reportOf(fleet, 1).siteCopies;
  assert.deepEqual(copies(), { most: 0, mean: 0 });
  const [one, other, full, late] = fleet.devices;
  for (const d of [one!, other!, full!]) d.startedAt = 0;
  one!.fromSource = 60_000_000;
  other!.fromSource = 60_000_000;
  assert.deepEqual(copies(), { most: 1.2, mean: 1.2 });
  // Who begins takes part, and may bring all it needs from peers.
  late!.startedAt = 1_000;
  assert.deepEqual(copies(), { most: 1.2, mean: 0.6 });
});
