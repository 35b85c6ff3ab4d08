import { Command, Option } from 'commander';
import { dataDirOption, jsonOption } from '../options/common.ts';
import { integerValue, pathValue } from '../options/values.ts';
import { examples } from './examples.ts';

/** More than an agent keeps. */
const maxDecisions = 10_000;

export function whyCommand(): Command {
  return new Command('why')
    .description('tell why the bytes of a download came from where they came')
    .argument('<download>', 'its URL, FileId or Id, as the agent knows it', pathValue)
    .addOption(dataDirOption('of the agent that has it', 'agent in the state folder'))
    .addOption(
      new Option(
        '--decisions <n>',
        'show so many lines of decisions, the last ones (default: 10, all with --json)',
      ).argParser(integerValue(0, maxDecisions)),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        [
          'sluice why https://cdn.example.com/debian.iso',
          'bytes by source, what could be asked, what was not used and what would change that',
        ],
        [
          'sluice why https://cdn.example.com/debian.iso --decisions 100',
          'more of the single decisions; the agent keeps the last 1,000, and 100 after the end',
        ],
      ),
    )
    .action(async (name: string, options) => {
      const { why } = await import('../why/why.ts');
      await why(name, options);
    });
}
