import { Argument, Command, Option } from 'commander';
import type { CloudFlags } from '../cloud-access/as-admin.ts';
import type { EnrolmentFlags } from '../cloud-identity/cloud-identity.ts';
import { durationValue } from '../options/duration.ts';
import { tenantOption } from '../options/tenant.ts';
import { baseUrlValue, guidValue, integerValue } from '../options/values.ts';
import { adminCommand } from './admin-command.ts';

const load = () => import('../cloud-identity/cloud-identity.ts');
const yearInSeconds = 366 * 86_400;

/** `sluice cloud enrolment`: the tokens with which devices become known to a cloud. */
export function cloudEnrolmentCommand(): Command {
  const create = adminCommand('create', 'make an enrolment token, and print it once', [
    'sluice cloud enrolment create --cloud https://sluice.example.com:8080 --uses 500 --expires 30d',
    'for a whole site; on each device: sluice enrol TOKEN',
  ])
    .addOption(tenantOption('whose devices these are (default: default)'))
    .addOption(new Option('--group <guid>', 'the group of these devices').argParser(guidValue))
    .addOption(
      new Option('--uses <n>', 'devices that may come with it (default: 1)').argParser(
        integerValue(1, 1_000_000),
      ),
    )
    .addOption(
      new Option('--expires <duration>', 'how long it holds, such as 12h (default: 7d)').argParser(
        durationValue(yearInSeconds),
      ),
    )
    .addOption(
      new Option('--url <url>', 'where devices reach the cloud (default: --cloud)').argParser(
        baseUrlValue,
      ),
    )
    .action(async (flags: EnrolmentFlags) => (await load()).createEnrolment(flags));
  const list = adminCommand('list', 'all enrolment tokens, without the secret in them', [
    'sluice cloud enrolment list',
    'a line each',
  ]).action(async (flags: CloudFlags) => (await load()).listEnrolments(flags));
  const revoke = adminCommand('revoke', 'no more devices come with this token', [
    'sluice cloud enrolment revoke ID',
    'those that have come stay',
  ])
    .addArgument(new Argument('<id>', 'of `sluice cloud enrolment list`'))
    .action(async (id: string, flags: CloudFlags) => (await load()).revokeEnrolment(id, flags));
  return group('enrolment', 'tokens with which devices enrol', [create, list, revoke]);
}

/** `sluice cloud device`: the devices that are enrolled. */
export function cloudDeviceCommand(): Command {
  const list = adminCommand('list', 'all enrolled devices', [
    'sluice cloud device list --json',
    'for scripts',
  ]).action(async (flags: CloudFlags) => (await load()).listDevices(flags));
  const revoke = adminCommand('revoke', 'refuse a device from now on', [
    'sluice cloud device revoke ID',
    'all clouds of the database refuse it within two seconds; its peers when they join next',
  ])
    .addArgument(new Argument('<id>', 'of `sluice cloud device list`'))
    .action(async (id: string, flags: CloudFlags) => (await load()).revokeDevice(id, flags));
  return group('device', 'devices that are enrolled', [list, revoke]);
}

function group(name: string, description: string, commands: Command[]): Command {
  const made = new Command(name).description(description);
  for (const one of commands) made.addCommand(one);
  return made;
}
