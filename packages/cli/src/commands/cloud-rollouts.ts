import { Argument, Command } from 'commander';
import { pathValue } from '../options/values.ts';
import { adminCommand } from './admin-command.ts';

const load = () => import('../cloud-admin/rollouts.ts');

/** `sluice cloud rollouts`: settings for a part of the devices. */
export function rolloutsCommand(): Command {
  const group = new Command('rollouts').description('settings for a part of the devices');
  group.addCommand(
    adminCommand('show', 'the rollouts, as JSON', [
      'sluice cloud rollouts show > rollouts.json',
      'to be changed, and set',
    ]).action(async (flags) => (await load()).showRollouts(flags)),
  );
  group.addCommand(
    adminCommand('set', 'replace the rollouts by those of a file', [
      'sluice cloud rollouts set rollouts.json',
      'all of them or, when one is wrong, none',
    ])
      .addArgument(new Argument('<file>', 'JSON, as show prints it').argParser(pathValue))
      .action(async (file: string, flags) => (await load()).setRollouts(file, flags)),
  );
  group.addCommand(
    adminCommand('pause', 'have a rollout reach no more devices', [
      'sluice cloud rollouts pause "longer cache"',
      'those that have it keep it',
    ])
      .addArgument(new Argument('<name>', 'of the rollout'))
      .action(async (name: string, flags) => (await load()).pauseRollout(name, flags)),
  );
  group.addCommand(
    adminCommand('resume', 'let a rollout that was paused go on', [
      'sluice cloud rollouts resume "longer cache"',
      'stages whose time has come meanwhile count at once',
    ])
      .addArgument(new Argument('<name>', 'of the rollout'))
      .action(async (name: string, flags) => (await load()).resumeRollout(name, flags)),
  );
  group.addCommand(
    adminCommand('effective', 'what a device is told, and why', [
      'sluice cloud rollouts effective 0123…',
      'by its PeerId, which `sluice agent --json` prints',
    ])
      .addArgument(new Argument('<device>', 'its PeerId'))
      .action(async (device: string, flags) => (await load()).effective(device, flags)),
  );
  return group;
}
