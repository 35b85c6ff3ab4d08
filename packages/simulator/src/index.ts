/**
 * A fleet on a virtual clock and a modelled network, running the real engine and the real swarm
 * registry: what a change of a rule means for 5,000 devices, in seconds on one machine.
 *
 * @example
 * const scenario = parseScenario(await readFile('branch-office.json', 'utf8'), 'branch-office.json');
 * const { report, verdicts } = await simulate(scenario, { seed: 7 });
 * @module
 */
export type { Verdict } from './measure/expectations.ts';
export type { Percentiles, Report } from './measure/report.ts';
export { parseScenario } from './scenario/parse-scenario.ts';
export type { Scenario } from './scenario/schema.ts';
export { type Progress, type SimulateOptions, type Simulation, simulate } from './simulate.ts';
