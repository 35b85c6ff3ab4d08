import {
  knownPolicyName,
  type SettingsView,
  type SettingView,
  valueText,
} from '@sluice/protocol/policy';
import { print, printJson } from '../terminal/print.ts';
import { openStore, type StoreOptions } from './open-store.ts';
import { problemLines, settingsTable } from './settings-table.ts';

/** `sluice config show` */
export async function showSettings(options: StoreOptions): Promise<void> {
  await using store = await openStore(options);
  printView(await store.view(), options);
}

/** `sluice config get`: the value alone, or all of it as JSON. @throws InvalidArgument */
export async function getSetting(spelling: string, options: StoreOptions): Promise<void> {
  const name = knownPolicyName(spelling);
  await using store = await openStore(options);
  const setting = settingOf(await store.view(), name);
  if (options.json) printJson(setting);
  else print(valueText(setting?.Value ?? undefined));
}

export function settingOf({ Settings }: SettingsView, name: string): SettingView | undefined {
  return Settings.find((setting) => setting.Name === name);
}

function printView(view: SettingsView, { json }: StoreOptions): void {
  if (json) {
    printJson(view);
    return;
  }
  print(settingsTable(view.Settings));
  for (const line of problemLines(view.Problems)) print(line);
}
