import { buildFleet } from './fleet/build-fleet.ts';
import { type Progress, type RunOptions, runFleet } from './fleet/run-fleet.ts';
import { judge, type Verdict } from './measure/expectations.ts';
import { type Report, reportOf } from './measure/report.ts';
import type { Scenario } from './scenario/schema.ts';

const defaultSeed = 1;

export interface SimulateOptions extends RunOptions {
  /** In place of the scenario's. */
  seed?: number | undefined;
}

export interface Simulation {
  report: Report;
  verdicts: Verdict[];
}

export type { Progress };

/** Plays a scenario. The same scenario and seed give the same result. @throws the reason of the signal */
export async function simulate(
  scenario: Scenario,
  options: SimulateOptions = {},
): Promise<Simulation> {
  const seed = options.seed ?? scenario.seed ?? defaultSeed;
  const fleet = buildFleet(scenario, seed);
  await runFleet(fleet, options);
  const report = reportOf(fleet, seed);
  return { report, verdicts: judge(scenario.expect, report) };
}
