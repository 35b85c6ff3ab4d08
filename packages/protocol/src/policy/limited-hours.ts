import type { LimitedHours } from './policy-spec.ts';

const most: Readonly<Record<keyof LimitedHours, number>> = { From: 23, To: 23, In: 100, Out: 100 };
const parts = Object.keys(most) as (keyof LimitedHours)[];
const form = 'it takes From=H,To=H,In=PERCENT,Out=PERCENT';

/**
 * Business hours as an object with From, To, In and Out, or as text `From=8,To=17,In=25,Out=75`.
 * @returns why not, when they are none: with a part missing nobody can tell what was meant.
 */
export function parseHours(given: unknown): LimitedHours | string {
  const found = typeof given === 'string' ? partsOf(given) : given;
  if (typeof found !== 'object' || found === null) return form;
  const hours: Partial<LimitedHours> = {};
  for (const [name, value] of Object.entries(found)) {
    const part = parts.find((p) => p.toLowerCase() === name.toLowerCase());
    if (!part) return `${form}; it has no part ${name.slice(0, 20)}`;
    const number = typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : value;
    if (!Number.isInteger(number) || (number as number) < 0 || (number as number) > most[part]) {
      return `${part} must be a whole number from 0 to ${most[part]}`;
    }
    hours[part] = number as number;
  }
  const missing = parts.filter((part) => hours[part] === undefined);
  if (missing.length > 0) return `${form}; ${missing.join(', ')} not set`;
  return hours as LimitedHours;
}

/** As `parseHours` reads it. */
export function hoursText(hours: LimitedHours): string {
  return parts.map((part) => `${part}=${hours[part]}`).join(',');
}

/** The percentage that holds at an hour of the day, local time. */
export function percentAt({ From, To, In, Out }: LimitedHours, hour: number): number {
  if (From === To) return In;
  const isIn = From < To ? hour >= From && hour < To : hour >= From || hour < To;
  return isIn ? In : Out;
}

function partsOf(text: string): Record<string, string> | undefined {
  const found: Record<string, string> = {};
  for (const part of text.slice(0, 200).split(',')) {
    const [, name, value] = /^\s*(\w+)\s*=\s*(\d+)\s*$/.exec(part) ?? [];
    if (name === undefined || value === undefined || Object.hasOwn(found, name)) return undefined;
    found[name] = value;
  }
  return found;
}
