import { Command } from 'commander';
import { cloudOption, jsonOption, tokenFileOption } from '../options/common.ts';
import { examples } from './examples.ts';

/** A command that asks the admin API of a cloud. */
export function adminCommand(
  name: string,
  description: string,
  ...lines: [string, string][]
): Command {
  return new Command(name)
    .description(description)
    .addOption(cloudOption().makeOptionMandatory())
    .addOption(tokenFileOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(...lines));
}
