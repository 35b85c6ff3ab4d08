import { Command } from 'commander';
import { dataDirOption, jsonOption } from '../options/common.ts';
import { settingsHelp } from '../options/settings-help.ts';
import { settingValue } from '../options/values.ts';
import { examples } from './examples.ts';

/** `sluice config`: the settings of this device. */
export function configCommand(): Command {
  return new Command('config')
    .description('show and change the settings of this device')
    .addCommand(show())
    .addCommand(get())
    .addCommand(set())
    .addCommand(reset());
}

function show(): Command {
  return withFlags(new Command('show'))
    .description('all settings in force, who set each, and what was not taken')
    .addHelpText(
      'after',
      examples(['sluice config show', 'of the running agent, else of the data directory']),
    )
    .action(async (options) => {
      const { showSettings } = await import('../settings/show.ts');
      await showSettings(options);
    });
}

function get(): Command {
  return withFlags(new Command('get'))
    .description('one setting')
    .argument('<name>', 'its Delivery Optimization name')
    .addHelpText('after', examples(['sluice config get DODownloadMode', 'its value, for scripts']))
    .action(async (name: string, options) => {
      const { getSetting } = await import('../settings/show.ts');
      await getSetting(name, options);
    });
}

function set(): Command {
  return withFlags(new Command('set'))
    .description('set as an admin of this device; at once, also for what is running')
    .argument('<name=value...>', 'settings by their Delivery Optimization names', settingValue)
    .addHelpText('after', settingsHelp)
    .addHelpText(
      'after',
      examples(
        ['sluice config set DOMaxBackgroundDownloadBandwidth=500', 'no more than 500 KB/s'],
        [
          'sluice config set DOSetHoursToLimitBackgroundDownloadBandwidth=From=8,To=17,In=10,Out=0',
          'a tenth of the bandwidth in business hours',
        ],
      ),
    )
    .action(async (values: Record<string, string>, options) => {
      const { setSettings } = await import('../settings/change.ts');
      await setSettings(values, options);
    });
}

function reset(): Command {
  return withFlags(new Command('reset'))
    .description('take back what an admin has set: the next provider’s value holds')
    .argument('[name...]', 'settings by their names; all when none is given')
    .addHelpText(
      'after',
      examples(['sluice config reset DODownloadMode', 'back to what else is set, or the default']),
    )
    .action(async (names: string[], options) => {
      const { resetSettings } = await import('../settings/change.ts');
      await resetSettings(names, options);
    });
}

function withFlags(command: Command): Command {
  return command
    .addOption(dataDirOption('of the agent', 'agent in the state folder'))
    .addOption(jsonOption());
}
