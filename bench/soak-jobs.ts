/**
 * `npm run soak:jobs [-- JOBS [KILLS [SEED]]]`: 1,000 jobs with an agent that is killed and started again
 * at random, held to their bytes and to 300 MiB of memory (see `test/job-soak.test-kit.ts`).
 */
import { soakJobs } from '../test/job-soak.test-kit.ts';

const [jobs = 1_000, kills = 20, seed = 1] = process.argv.slice(2).map(Number);
const result = await soakJobs({ jobs, kills, seed, say: (text) => console.log(text) });
const { seconds, peakRss, bytes } = result;
console.log(
  `${jobs} jobs, ${bytes >> 20} MiB, all right after ${result.kills} kills in ${seconds.toFixed(0)} s; ` +
    `the agent had ${peakRss >> 20} MiB at most`,
);
