import { Argument, Command, Option } from 'commander';
import type { EnrolFlags } from '../enrol/enrol.ts';
import { dataDirOption, jsonOption } from '../options/common.ts';
import { pathValue } from '../options/values.ts';
import { examples } from './examples.ts';

/** `sluice enrol`: makes the cloud know this device. */
export function enrolCommand(): Command {
  return new Command('enrol')
    .description('have a cloud know this device, by a token of its admin')
    .addArgument(new Argument('[token]', 'of `sluice cloud enrolment create`'))
    .addOption(
      new Option('--token-file <file>', 'a file with the token in place of it').argParser(
        pathValue,
      ),
    )
    .addOption(new Option('--rotate', 'give the enrolled device another key'))
    .addOption(dataDirOption('of the agent', 'agent in the state folder'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['sluice enrol sluice1.eyJ1…', 'then start `sluice agent`; it needs no --cloud any more'],
        [
          'sluice enrol --rotate',
          'when the key may have been seen; the agent does so by itself every 90 days',
        ],
      ),
    )
    .action(async (token: string | undefined, flags: EnrolFlags) => {
      const { enrol } = await import('../enrol/enrol.ts');
      await enrol(token, flags);
    });
}
