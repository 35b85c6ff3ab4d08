import { Command, Option } from 'commander';
import type { BackupFlags } from '../cloud-operations/backup.ts';
import type { CloudDoctorFlags } from '../cloud-operations/doctor.ts';
import type { MigrateFlags } from '../cloud-operations/migrate.ts';
import { cloudDataDirOption, databaseOption, storeOptions } from '../options/cloud-stores.ts';
import { tlsOptions } from '../options/cloud-tls.ts';
import { jsonOption, listenOption } from '../options/common.ts';
import { pathValue } from '../options/values.ts';
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
    doctorCommand(),
    new Command('backup')
      .description('copy what a cloud without --database keeps into a new folder, while it runs')
      .argument(
        '<folder>',
        'is made; to restore, start a cloud with a copy as --data-dir',
        pathValue,
      )
      .addOption(cloudDataDirOption())
      .addOption(jsonOption())
      .addHelpText(
        'after',
        examples(
          ['sluice cloud backup /backup/monday', 'databases, admin token, keys, settings'],
          ['sluice cloud --data-dir /backup/monday', 'is the cloud as it was'],
        ),
      )
      .action(async (folder: string, flags: BackupFlags) =>
        (await import('../cloud-operations/backup.ts')).backupCloud(folder, flags),
      ),
  ];
}

function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('examine what a cloud is started with: give the flags of `sluice cloud`')
    .addOption(listenOption(8080))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['sluice cloud doctor', 'ends with exit code 1 when a check fails'],
        ['sluice cloud doctor --data-dir /srv/sluice --json', 'for a monitor'],
      ),
    );
  for (const option of [...storeOptions(), ...tlsOptions()]) command.addOption(option);
  return command.action(async (flags: CloudDoctorFlags) =>
    (await import('../cloud-operations/doctor.ts')).cloudDoctor(flags),
  );
}
