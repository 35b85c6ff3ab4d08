import { choicesText } from './check-value.ts';
import { hoursText } from './limited-hours.ts';
import type { PolicySpec, PolicyValue } from './policy-spec.ts';

/** A value as `sluice config set` takes it; `-` for one that is not set. */
export function valueText(value: PolicyValue | undefined): string {
  if (value === undefined) return '-';
  return typeof value === 'object' ? hoursText(value) : String(value);
}

/** What values a setting takes, with the unit. */
export function rangeText({ form }: PolicySpec): string {
  switch (form.kind) {
    case 'integer':
      return `${form.unit}, ${form.min} to ${form.max}`;
    case 'choice':
      return choicesText(form.choices);
    case 'hours':
      return 'From=H,To=H,In=PERCENT,Out=PERCENT';
    case 'guid':
      return 'GUID';
    case 'hosts':
      return 'HOST[:PORT], after commas';
    case 'text':
      return 'text';
  }
}

export function defaultText({ default: value }: PolicySpec): string {
  if (value === undefined) return 'not set';
  return value === '' ? 'empty' : String(value);
}
