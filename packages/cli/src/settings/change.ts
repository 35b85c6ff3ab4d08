import {
  checkGivenSettings,
  knownPolicyName,
  policyNames,
  type SettingsView,
} from '@sluice/protocol/policy';
import { print, printJson } from '../terminal/print.ts';
import { openStore, type StoreOptions } from './open-store.ts';
import { nameOf, shownValue } from './settings-table.ts';
import { settingOf } from './show.ts';

/** `sluice config set` @throws InvalidArgument, NotOwner, Disk errors, ServiceRefused. */
export async function setSettings(
  given: Record<string, string>,
  options: StoreOptions,
): Promise<void> {
  const values = checkGivenSettings(given);
  await using store = await openStore(options);
  const view = await store.change({ provider: 'Admin', values, isWhole: false });
  tell(view, Object.keys(values), options);
}

/** `sluice config reset` @throws InvalidArgument, NotOwner, Disk errors, ServiceRefused. */
export async function resetSettings(spellings: string[], options: StoreOptions): Promise<void> {
  const names = spellings.map(knownPolicyName);
  const values = Object.fromEntries(names.map((name) => [name, null]));
  await using store = await openStore(options);
  const view = await store.change({ provider: 'Admin', values, isWhole: names.length === 0 });
  if (names.length > 0 || options.json) tell(view, names.length > 0 ? names : policyNames, options);
  else print('nothing is set by an admin of this device any more');
}

/** What holds now: somebody above the admin may have another value. */
function tell(view: SettingsView, names: readonly string[], { json }: StoreOptions): void {
  const settings = names.flatMap((name) => settingOf(view, name) ?? []);
  if (json) {
    printJson({ ...view, Settings: settings });
    return;
  }
  for (const { Name, Value, Provider, Acts } of settings) {
    const idle = Acts ? '' : ', which is not acted on yet (see docs/policies.md)';
    print(`${Name} is ${shownValue(Value)} (${nameOf(Provider)})${idle}`);
  }
}
