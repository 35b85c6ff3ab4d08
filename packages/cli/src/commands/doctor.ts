import { Command, Option } from 'commander';
import type { DoctorFlags } from '../doctor/doctor.ts';
import { dataDirOption, jsonOption } from '../options/common.ts';
import { examples } from './examples.ts';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'examine the agent: what keeps it from peers, cache hosts and HTTP, and what to do',
    )
    .addOption(dataDirOption('of the agent', 'agent in the state folder'))
    .addOption(new Option('--health-check', 'device, disk, network, cloud only'))
    .addOption(new Option('--p2p', 'peers only: efficiency, errors, settings'))
    .addOption(new Option('--mcc', 'cache hosts only'))
    .addOption(
      new Option(
        '--generate-support-bundle [file]',
        'also write logs, status and settings, without secrets, to a .tar.gz or into a folder',
      ),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['sluice doctor', 'ends with exit code 1 when a check fails'],
        ['sluice doctor --generate-support-bundle /tmp', 'everything for who is to help'],
      ),
    )
    .action(async (flags: DoctorFlags) => {
      const { doctor } = await import('../doctor/doctor.ts');
      await doctor(flags);
    });
}
