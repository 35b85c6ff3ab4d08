import { Command, Option } from 'commander';
import { dataDirOption, jsonOption } from '../options/common.ts';
import { examples } from './examples.ts';

export function perfSnapCommand(): Command {
  return new Command('perfsnap')
    .description('show totals of the running agent: files, bytes, connections, cache, load')
    .addOption(dataDirOption('of the agent', 'agent in the state folder'))
    .addOption(new Option('--verbose', 'bytes by kind of peer, too'))
    .addOption(new Option('--month', 'this calendar month only').conflicts('verbose'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['sluice perfsnap --verbose', 'the fields of Get-DeliveryOptimizationPerfSnap'],
        ['sluice perfsnap --month --json', 'those of Get-DeliveryOptimizationPerfSnapThisMonth'],
      ),
    )
    .action(async (flags) => {
      const { perfSnap } = await import('../admin/perf-snap.ts');
      await perfSnap(flags);
    });
}
