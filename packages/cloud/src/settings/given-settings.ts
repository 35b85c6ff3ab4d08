import { checkPolicyValue, hoursText, policyNameOf, policySpec } from '@sluice/protocol/policy';

/** What the cloud sets on devices: what holds where they set nothing, and what they cannot change. */
export const settingKinds = ['Default', 'Forced'] as const;
export type SettingKind = (typeof settingKinds)[number];

/** By DO name, as they go out: a text or a number, business hours as text. */
export type ServedSettings = Record<SettingKind, Record<string, string | number>>;

/** A value that is not served, and why. */
export interface SettingProblem {
  Kind: SettingKind | null;
  Name: string | null;
  Reason: string;
}

/** Names of a kind that are looked at: more than there are settings is no list of settings. */
const maxGiven = 200;

export function noSettings(): ServedSettings {
  return { Default: {}, Forced: {} };
}

/** Checks what somebody wrote by the catalogue; what is right is taken, the rest is told. */
export function checkedSettings(given: unknown): {
  settings: ServedSettings;
  problems: SettingProblem[];
} {
  const settings = noSettings();
  const problems: SettingProblem[] = [];
  const wrong = (Kind: SettingKind | null, Name: string | null, Reason: string) =>
    problems.push({ Kind, Name: Name?.slice(0, 60) ?? null, Reason });
  if (!isObject(given)) {
    wrong(null, null, 'it is no object with Default and Forced');
    return { settings, problems };
  }
  for (const [key, values] of Object.entries(given).slice(0, maxGiven)) {
    const kind = settingKinds.find((k) => k === key);
    if (!kind) wrong(null, key, 'there are Default and Forced only');
    else if (!isObject(values)) wrong(kind, null, 'it is no object of settings by name');
    else checkKind(kind, values, settings[kind], wrong);
  }
  return { settings, problems };
}

function checkKind(
  kind: SettingKind,
  values: Record<string, unknown>,
  into: Record<string, string | number>,
  wrong: (kind: SettingKind, name: string, reason: string) => void,
): void {
  for (const [spelling, value] of Object.entries(values).slice(0, maxGiven)) {
    const name = policyNameOf(spelling);
    if (!name) wrong(kind, spelling, 'there is no such setting');
    else if (name in into) wrong(kind, spelling, `it is the same setting as ${name}, given twice`);
    else {
      const checked = checkPolicyValue(policySpec(name), value);
      if ('reason' in checked) wrong(kind, name, checked.reason);
      // The reply of the key-value service is flat (wire.md §3.2).
      else {
        const { value: right } = checked;
        into[name] = typeof right === 'object' ? hoursText(right) : right;
      }
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
