import { Command, Option } from 'commander';
import type { LogFlags } from '../log/log.ts';
import { dataDirOption, jsonOption } from '../options/common.ts';
import { examples } from './examples.ts';

export function logCommand(): Command {
  return new Command('log')
    .description('show the log of an agent, running or not; or what it adds up to')
    .addOption(dataDirOption('of the agent', 'agent in the state folder'))
    .addOption(new Option('-f, --follow', 'go on as it grows, until Ctrl-C'))
    .addOption(
      new Option('--level <level>', 'lines of this level and worse')
        .choices(['trace', 'debug', 'info', 'warn', 'error'])
        .default('trace'),
    )
    .addOption(
      new Option('--analyze', 'instead: files, those that found peers, and what peers brought'),
    )
    .addOption(new Option('--connections', 'with --analyze: the connections to peers, too'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['sluice log --level warn --follow', 'what goes wrong, as it does'],
        ['sluice log --analyze --connections', 'who brought how much, over the whole log'],
      ),
    )
    .action(async (flags: LogFlags) => {
      const { log } = await import('../log/log.ts');
      await log(flags);
    });
}
