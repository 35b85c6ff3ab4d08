import {
  type PolicyProvider,
  type ProblemView,
  providerTexts,
  type SettingView,
  valueText,
} from '@sluice/protocol/policy';
import { formatTable } from '../terminal/table.ts';

/** Name, value and provider, one setting a line; what has no effect says so. */
export function settingsTable(settings: readonly SettingView[]): string {
  // Only names and values are columns: origins differ much in length.
  const table = formatTable(settings.map(({ Name, Value }) => [Name, shownValue(Value)])).split(
    '\n',
  );
  return settings.map((setting, i) => `${table[i]}  ${setBy(setting)}`).join('\n');
}

function setBy({ Provider, Origin, Acts }: SettingView): string {
  if (Provider === 'Default') return 'default';
  return `${nameOf(Provider)} (${Origin})${Acts ? '' : ', not acted on yet'}`;
}

/** What was not taken, as the user reads it. */
export function problemLines(problems: readonly ProblemView[]): string[] {
  return problems.map(({ Name, Value, Provider, Origin, Reason }) => {
    const what = Name === null ? '' : `${Name}${Value === null ? '' : `=${Value}`}: `;
    return `not taken from ${nameOf(Provider)} (${Origin}): ${what}${Reason}`;
  });
}

export function nameOf(provider: PolicyProvider): string {
  return providerTexts[provider].name;
}

/** A value for people; an empty text is seen, too. */
export function shownValue(value: SettingView['Value']): string {
  return value === '' ? '(empty)' : valueText(value ?? undefined);
}
