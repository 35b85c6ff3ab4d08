import path from 'node:path';
import type { ContentClass, DriveOptions } from '@sluice/connected-cache';
import { InvalidArgumentError } from 'commander';
import { parseSize } from './parse-size.ts';

/*
 * Readers of the cache node's flags that may be repeated.
 */

/** As Connected Cache has it: a size without a unit is in GB (connected-cache.md §2). */
const gigabyte = 1e9;
const leastDrive = 64 * 1024 ** 2;

/** `PATH,SIZE`; the size follows the last comma. */
export function driveValue(text: string, previous: DriveOptions[] | undefined): DriveOptions[] {
  const cut = text.lastIndexOf(',');
  const [folder, size] = [text.slice(0, cut).trim(), text.slice(cut + 1).trim()];
  const maxBytes = /^\d{1,9}$/.test(size) ? Number(size) * gigabyte : parseSize(size);
  if (cut < 0 || folder === '' || maxBytes === undefined || maxBytes < leastDrive) {
    throw new InvalidArgumentError(
      'It must be PATH,SIZE, for example /data,500GB; a plain number is in GB; at least 64MiB.',
    );
  }
  return [...(previous ?? []), { folder: path.resolve(folder), maxBytes }];
}

const units: Record<string, number> = { m: 60e3, h: 3600e3, d: 24 * 3600e3 };

/** `name=N,host=…,path=…,quota=SIZE,expiry=30d`; host and path may be repeated. */
export function classValue(text: string, previous: ContentClass[] | undefined): ContentClass[] {
  const values = new Map<string, string[]>();
  for (const part of text.split(',')) {
    const cut = part.indexOf('=');
    const key = part.slice(0, cut).trim();
    if (cut < 0 || !['name', 'host', 'path', 'quota', 'expiry'].includes(key)) {
      throw new InvalidArgumentError(`"${part}" is none of name=, host=, path=, quota=, expiry=.`);
    }
    values.set(key, [...(values.get(key) ?? []), part.slice(cut + 1).trim()]);
  }
  const { length } = values.get('name') ?? [];
  if (length !== 1) throw new InvalidArgumentError('It must have one name=.');
  const made: ContentClass = {
    name: values.get('name')![0]!,
    hosts: values.get('host') ?? [],
    paths: values.get('path') ?? [],
  };
  const quota = values.get('quota')?.at(-1);
  if (quota !== undefined) made.maxBytes = sizeOf(quota);
  const expiry = values.get('expiry')?.at(-1);
  if (expiry !== undefined) made.keepMs = durationOf(expiry);
  return [...(previous ?? []), made];
}

function sizeOf(text: string): number {
  const bytes = parseSize(text);
  if (!bytes) throw new InvalidArgumentError('The quota must be a size such as 100GB.');
  return bytes;
}

function durationOf(text: string): number {
  const match = /^(\d{1,5})([mhd])$/.exec(text);
  if (!match) throw new InvalidArgumentError('The expiry must be such as 30d, 12h or 90m.');
  return Number(match[1]) * units[match[2]!]!;
}

/** `HOST=CANONICAL`. */
export function aliasValue(
  text: string,
  previous: Record<string, string> | undefined,
): Record<string, string> {
  const cut = text.indexOf('=');
  if (cut < 1 || cut === text.length - 1) throw new InvalidArgumentError('It must be HOST=HOST.');
  return { ...previous, [text.slice(0, cut).trim()]: text.slice(cut + 1).trim() };
}

/** The aliases of the environment of a Connected Cache: CACHEABLE_CUSTOM_n_HOST and _CANONICAL. */
export function aliasesOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  const aliases: Record<string, string> = {};
  for (const [name, host] of Object.entries(environment)) {
    const number = /^CACHEABLE_CUSTOM_(\d{1,3})_HOST$/.exec(name)?.[1];
    const canonical = number && environment[`CACHEABLE_CUSTOM_${number}_CANONICAL`];
    if (host && canonical && host !== canonical) aliases[host] = canonical;
  }
  return aliases;
}
