import { Argument, Command } from 'commander';
import { dataDirOption, jsonOption } from '../options/common.ts';
import { pathValue } from '../options/values.ts';
import { examples } from './examples.ts';

export function priorityCommand(): Command {
  return new Command('priority')
    .description('move a running download to the foreground, or to the background')
    .argument('<download>', 'its URL, FileId or Id, as the agent knows it', pathValue)
    .addArgument(
      new Argument(
        '<priority>',
        'foreground: somebody waits for it; background: it makes way for others',
      ).choices(['foreground', 'background']),
    )
    .addOption(dataDirOption('of the agent that has it', 'agent in the state folder'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        'sluice priority https://cdn.example.com/debian.iso foreground',
        'limits, delays of HTTP and patience with slow peers follow at once',
      ]),
    )
    .action(async (name: string, priority: 'foreground' | 'background', flags) => {
      const { setPriority } = await import('../admin/priority.ts');
      await setPriority(name, priority, flags);
    });
}
