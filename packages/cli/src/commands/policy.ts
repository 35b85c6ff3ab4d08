import { Command } from 'commander';
import { dataDirOption, jsonOption } from '../options/common.ts';
import { pathValue } from '../options/values.ts';
import { examples } from './examples.ts';

/** `sluice policy`: what there is to set, and policies of other tools. */
export function policyCommand(): Command {
  return new Command('policy')
    .description('list all policies, and import those of other tools')
    .addCommand(list())
    .addCommand(importFile());
}

function list(): Command {
  return new Command('list')
    .description('every policy: range, default, and what Sluice does with it')
    .addOption(jsonOption())
    .addHelpText('after', examples(['sluice policy list', 'see docs/policies.md for the details']))
    .action(async (options) => {
      const { listPolicies } = await import('../settings/list.ts');
      listPolicies(options);
    });
}

function importFile(): Command {
  return new Command('import')
    .description('import a Registry.pol, SyncML, or JSON of Intune and Graph')
    .argument(
      '<file>',
      'what it says takes the place of the last import, SyncML changes it',
      pathValue,
    )
    .addOption(dataDirOption('of the agent', 'agent in the state folder'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        'sluice policy import Registry.pol',
        'the Group Policy settings in it hold at once',
      ]),
    )
    .action(async (file: string, options) => {
      const { importPolicies } = await import('../settings/import-policies.ts');
      await importPolicies(file, options);
    });
}
