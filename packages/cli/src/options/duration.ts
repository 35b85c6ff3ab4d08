import { InvalidArgumentError } from 'commander';

const seconds: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400 };

/** `90m`, `12h` or `7d`, in seconds. @param max seconds */
export function durationValue(max: number): (text: string) => number {
  return (text) => {
    const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
    const value = Number(count) * (seconds[unit] ?? Number.NaN);
    if (value >= 60 && value <= max) return value;
    throw new InvalidArgumentError(`It must be like 90m, 12h or 7d, at most ${max / 86_400}d.`);
  };
}
