import { Command, Option } from 'commander';
import { cloudOption, jsonOption, tokenFileOption } from '../options/common.ts';
import { settingValue } from '../options/values.ts';
import { examples } from './examples.ts';

export interface CloudSettingsOptions {
  cloud: string;
  forced?: boolean;
  unset?: string[];
  tokenFile?: string;
  json?: boolean;
}

/** `sluice cloud-settings`: what a cloud sets on its devices. */
export function cloudSettingsCommand(): Command {
  return new Command('cloud-settings')
    .description('show and change what a cloud sets on its devices')
    .argument(
      '[name=value...]',
      'settings by their Delivery Optimization names; without any, all are shown',
      settingValue,
    )
    .addOption(cloudOption().makeOptionMandatory())
    .addOption(new Option('--forced', 'above all that is set on a device, not below'))
    .addOption(new Option('--unset <name...>', 'take settings back'))
    .addOption(tokenFileOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        [
          'sluice cloud-settings --cloud http://127.0.0.1:8080 DOMinFileSizeToCache=10',
          'for devices that set nothing else',
        ],
        [
          'sluice cloud-settings --cloud http://127.0.0.1:8080 --forced DODownloadMode=0',
          'no peers, whatever is set on a device',
        ],
      ),
    )
    .action(async (values: Record<string, string> | undefined, options: CloudSettingsOptions) => {
      const { cloudSettings } = await import('../cloud-settings/cloud-settings.ts');
      await cloudSettings(values ?? {}, options);
    });
}
