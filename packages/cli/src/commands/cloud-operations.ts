import { Command, Option } from 'commander';
import type { MigrateFlags } from '../cloud-operations/migrate.ts';
import { cloudDataDirOption, databaseOption } from '../options/cloud-stores.ts';
import { jsonOption } from '../options/common.ts';
import { examples } from './examples.ts';

/** Commands for who runs a cloud, on its stores themselves. */
export function cloudOperationsCommands(): Command[] {
  return [
    new Command('migrate')
      .description('bring the database up to date and end; `sluice cloud` does so when it starts')
      .addOption(cloudDataDirOption())
      .addOption(databaseOption())
      .addOption(new Option('--check', 'change nothing; exit code 1 when steps are missing'))
      .addOption(jsonOption())
      .addHelpText(
        'after',
        examples(
          ['sluice cloud migrate', 'before the first of several clouds is replaced by a newer one'],
          ['sluice cloud migrate --check', 'whether there is anything to do'],
        ),
      )
      .action(async (flags: MigrateFlags) =>
        (await import('../cloud-operations/migrate.ts')).migrateCloud(flags),
      ),
  ];
}
