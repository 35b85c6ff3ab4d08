import { test } from 'node:test';
import { soakJobs } from './job-soak.test-kit.ts';

test('jobs of an agent that is killed again and again: none lost, doubled or wrong', async (t) => {
  const { kills, peakRss } = await soakJobs({ jobs: 30, kills: 3, longestLifeMs: 2_000, seed: 1 });
  t.diagnostic(`${kills} kills, ${peakRss >> 20} MiB at most`);
});
