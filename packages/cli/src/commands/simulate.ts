import { Command, Option } from 'commander';
import { exitCodes } from '../errors/exit-codes.ts';
import { ReportedFailure } from '../errors/reported-failure.ts';
import { jsonOption } from '../options/common.ts';
import { integerValue, pathValue } from '../options/values.ts';
import { paintFor } from '../terminal/colour.ts';
import { print, printJson } from '../terminal/print.ts';
import { examples } from './examples.ts';

interface Options {
  seed?: number;
  json?: boolean;
}

export function simulateCommand(): Command {
  return new Command('simulate')
    .description('play a fleet of thousands of devices on a virtual clock, with the real engine')
    .argument('<scenario>', 'a JSON file: sites, devices, rates, faults and limits', pathValue)
    .addOption(
      new Option(
        '--seed <n>',
        "for another run of the same fleet (default: the scenario's)",
      ).argParser(integerValue(0, 0xffff_ffff)),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        [
          'sluice simulate packages/simulator/scenarios/branch-office-50.json',
          'times against the bound, copies, shares; exit code 1 when a limit is missed',
        ],
        ['sluice simulate fleet.json --seed 7 --json', 'the same as one JSON object'],
      ),
    )
    .action(simulateFile);
}

async function simulateFile(file: string, { seed, json = false }: Options): Promise<void> {
  const { parseScenario, simulate } = await import('@sluice/simulator');
  const { readScenario } = await import('../simulate/read-scenario.ts');
  const { openProgress } = await import('../terminal/progress-display.ts');
  const { progressView } = await import('../simulate/progress-view.ts');
  const { simulationTable } = await import('../simulate/simulation-table.ts');
  const { listenForStop } = await import('../process/stop-signal.ts');
  const scenario = parseScenario(await readScenario(file), file);
  const { stderr } = process;
  using stop = listenForStop();
  const display = await openProgress({ stream: stderr, paint: paintFor(stderr), wanted: !json });
  const startedAt = process.cpuUsage();
  const { report, verdicts } = await simulate(scenario, {
    seed,
    signal: stop.signal,
    onProgress: (progress) => display.update(progressView(progress, scenario), scenario.name),
  }).finally(() => display.stop());
  const { user, system } = process.cpuUsage(startedAt);
  const cpuSeconds = (user + system) / 1e6;
  if (json) printJson({ ...report, verdicts, cpuSeconds });
  else print(simulationTable(report, verdicts, cpuSeconds, paintFor(process.stdout)));
  if (verdicts.some((v) => !v.isMet)) throw new ReportedFailure(exitCodes.Failed[0]);
}
