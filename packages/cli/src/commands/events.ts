import { Command } from 'commander';
import { dataDirOption, jsonOption } from '../options/common.ts';
import { examples } from './examples.ts';

export function eventsCommand(): Command {
  return new Command('events')
    .description('show what waits to be told to the cloud, and when it was last told')
    .addOption(dataDirOption('of the agent', 'agent in the state folder'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['sluice events', 'one line for each event, and the totals'],
        ['sluice events --json', 'every field that will be sent'],
        ['sluice config set SluiceEvents=0', 'tell nothing; 1 tells only what reports count'],
      ),
    )
    .action(async (flags) => {
      const { events } = await import('../events/events.ts');
      await events(flags);
    });
}
