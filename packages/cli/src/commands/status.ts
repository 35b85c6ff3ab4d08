import { Command, Option } from 'commander';
import type { StatusFlags } from '../admin/status.ts';
import { dataDirOption, jsonOption } from '../options/common.ts';
import { integerValue } from '../options/values.ts';
import { examples } from './examples.ts';

export function statusCommand(): Command {
  return new Command('status')
    .description('show the files of the running agent: how far, from whom, to whom')
    .addOption(dataDirOption('of the agent', 'agent in the state folder'))
    .addOption(new Option('--peers', 'the peers of each file instead'))
    .addOption(
      new Option('--select-peer-count <n>', 'with --peers: so many of each file')
        .default(5)
        .argParser(integerValue(0, 1_000)),
    )
    .addOption(new Option('--verbose', 'all fields'))
    .addOption(new Option('--watch', 'again every second, until Ctrl-C'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['sluice status --watch', 'like top, for downloads'],
        ['sluice status --json', 'the fields of Get-DeliveryOptimizationStatus, one array'],
        ['sluice status --peers', 'who is connected, and what came from and went to whom'],
      ),
    )
    .action(async (flags: StatusFlags) => {
      const { status } = await import('../admin/status.ts');
      await status(flags);
    });
}
