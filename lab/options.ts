import { logLevels } from '@sluice/cli';
import type { Link } from './network/link-shape.ts';
import type { OptionTable, OptionValues } from './scenarios/scenario.ts';

/** A wrong command line: told without a stack. */
export class UsageError extends Error {}

/** What every scenario takes. */
export const commonOptions = {
  size: { type: 'string', default: '64', help: 'MiB of the file' },
  devices: { type: 'string', default: '8', help: 'machines on the site' },
  wan: { type: 'string', default: '50', help: 'Mbit/s of the WAN link, each direction' },
  rtt: { type: 'string', default: '20', help: 'ms of the WAN link, there and back' },
  keep: { type: 'boolean', default: false, help: 'leave logs and results in their folder' },
  'log-level': { type: 'string', default: 'info', help: 'of the agents' },
} satisfies OptionTable;

/** @throws UsageError when the option is no number from `min` to `max`. */
export function numberOf(
  values: OptionValues,
  name: string,
  { min, max }: { min: number; max: number },
): number {
  const number = Number(values[name]);
  if (!(number >= min && number <= max)) {
    throw new UsageError(`--${name} is a number from ${min} to ${max}, not ${values[name]}`);
  }
  return number;
}

export function integerOf(
  values: OptionValues,
  name: string,
  limits: { min: number; max: number },
): number {
  const number = numberOf(values, name, limits);
  if (!Number.isInteger(number)) throw new UsageError(`--${name} is a whole number`);
  return number;
}

export function linkOf(values: OptionValues): Link {
  return {
    rateMbit: numberOf(values, 'wan', { min: 0.5, max: 500 }),
    rttMs: numberOf(values, 'rtt', { min: 0, max: 2000 }),
  };
}

/** Bytes of the file. */
export function sizeOf(values: OptionValues): number {
  return Math.round(numberOf(values, 'size', { min: 1 / 1024, max: 16_384 }) * 1024 ** 2);
}

/** Bytes of each file, of a list with commas. */
export function sizesOf(values: OptionValues): number[] {
  return String(values.size)
    .split(',')
    .map((size) => sizeOf({ size }));
}

/** The names of a list with commas; all when it is empty. @throws UsageError for one that there is not. */
export function namesOf<Name extends string>(
  values: OptionValues,
  option: string,
  all: readonly Name[],
): readonly Name[] {
  const text = String(values[option]);
  if (text === '') return all;
  return text.split(',').map((part) => nameOf(part, option, all));
}

/** The level that the agents log from. @throws UsageError */
export function logLevelOf(values: OptionValues): string {
  return nameOf(String(values['log-level']), 'log-level', logLevels);
}

function nameOf<Name extends string>(part: string, option: string, all: readonly Name[]): Name {
  const name = all.find((one) => one === part.trim());
  if (name === undefined) throw new UsageError(`--${option}: ${part} is none of ${all.join(', ')}`);
  return name;
}

export function devicesOf(values: OptionValues): number {
  return integerOf(values, 'devices', { min: 1, max: 64 });
}
