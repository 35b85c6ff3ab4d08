import { sluiceError } from '@sluice/protocol';
import {
  type GateSettings,
  type SettingName,
  type SettingSpec,
  settingAliases,
  settingSpecs,
} from './gate-settings.ts';

/** Settings as they come from outside: by name, numbers also as text. */
export type GivenSettings = Readonly<Record<string, string | number>>;

const maxTextLength = 4_096;

/** Checks settings and puts the defaults in for those not given. @throws InvalidArgument */
export function readSettings(given: GivenSettings = {}): GateSettings {
  const values: Record<string, string | number | undefined> = {};
  for (const [name, { default: value }] of Object.entries(settingSpecs)) values[name] = value;
  const seen = new Set<SettingName>();
  for (const [spelling, value] of Object.entries(given)) {
    const name = nameOf(spelling);
    if (seen.has(name)) throw invalid(spelling, `it is the same setting as ${name}, given twice`);
    seen.add(name);
    values[name] = checked(spelling, settingSpecs[name], value);
  }
  return values as GateSettings;
}

function nameOf(spelling: string): SettingName {
  if (Object.hasOwn(settingSpecs, spelling)) return spelling as SettingName;
  if (Object.hasOwn(settingAliases, spelling)) return settingAliases[spelling]!;
  throw invalid(
    spelling,
    `there is no such setting; there are ${Object.keys(settingSpecs).join(', ')}`,
  );
}

function checked(name: string, spec: SettingSpec, value: string | number): string | number {
  if (spec.kind === 'text') {
    if (typeof value === 'string' && value.length <= maxTextLength) return value;
    throw invalid(name, `it takes a text of up to ${maxTextLength} characters`);
  }
  const { min, max, unit } = spec;
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) {
    return number;
  }
  const what = unit ? ` (${unit})` : '';
  throw invalid(name, `it takes a whole number from ${min} to ${max}${what}, not '${value}'`);
}

function invalid(name: string, detail: string): Error {
  return sluiceError('InvalidArgument', { name, detail });
}
