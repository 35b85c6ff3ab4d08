/**
 * The lab: real agents, cloud, cache node and other tools in network namespaces.
 *
 *     npm run lab -- --help
 *     npm run lab -- together --devices 8 --tools sluice,curl
 */
import { parseArgs } from 'node:util';
import { helpOf, helpText } from './help.ts';
import { installPackages } from './install.ts';
import { removeLeftNamespaces } from './network/namespaces.ts';
import { UsageError } from './options.ts';
import { HostLacks } from './requirements.ts';
import { neverWorse } from './scenarios/never-worse.ts';
import type { OptionValues, Scenario } from './scenarios/scenario.ts';
import { sites } from './scenarios/sites.ts';
import { soak } from './scenarios/soak.ts';
import { staggered } from './scenarios/staggered.ts';
import { together } from './scenarios/together.ts';

const scenarios: readonly Scenario[] = [together, staggered, sites, neverWorse, soak];

/** What is no scenario. @returns the exit code */
type Chore = () => Promise<number>;

const chores = new Map<string, Chore>([
  ['install', () => installPackages(log)],
  ['clean', clean],
]);

const log = (line: string) => process.stderr.write(`${line}\n`);

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof UsageError || error instanceof HostLacks) {
    log(`lab: ${error.message}`);
    return 2;
  }
  throw error;
});

async function clean(): Promise<number> {
  console.log((await removeLeftNamespaces()).join('\n') || 'nothing was left');
  return 0;
}

async function runChore(name: string, chore: Chore, args: string[]): Promise<number> {
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    console.log(helpText(scenarios));
    return 0;
  }
  if (args.length > 0) throw new UsageError(`${name} takes no arguments`);
  return chore();
}

async function main([name = '--help', ...args]: string[]): Promise<number> {
  if (name === '--help' || name === '-h') {
    console.log(helpText(scenarios));
    return 0;
  }
  const chore = chores.get(name);
  if (chore) return runChore(name, chore, args);
  const scenario = scenarios.find((one) => one.name === name);
  if (!scenario) throw new UsageError(`no scenario ${name}\n${helpText(scenarios)}`);
  return run(scenario, args);
}

async function run(scenario: Scenario, args: string[]): Promise<number> {
  const { help, json, ...values } = parse(scenario, args);
  if (help) {
    console.log(helpOf(scenario));
    return 0;
  }
  const stop = new AbortController();
  // Everything is taken down on the way out of the scenario; a second Ctrl-C does not wait for that.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stop.abort(new Error('stopped')));
  }
  try {
    const outcome = await scenario.run(values, { signal: stop.signal, log });
    console.log(json ? JSON.stringify(outcome.json) : outcome.text);
    return outcome.ok ? 0 : 1;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    log('lab: stopped');
    return 130;
  }
}

function parse(scenario: Scenario, args: string[]): OptionValues {
  try {
    const options = {
      ...scenario.options,
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    } as const;
    return parseArgs({ args, options, allowPositionals: false }).values as OptionValues;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
