import { sluiceError } from '@sluice/protocol';
import { Option } from 'commander';
import { pathValue, rateValue, sizeValue } from './values.ts';

export interface IngestFlags {
  ingestAllow?: string[];
  ingestRate?: number;
  ingestMaxSize?: number;
  ingestSignKey?: string;
}

/** Flags of `sluice cloud` for contents that nobody published. */
export function ingestOptions(): Option[] {
  return [
    new Option(
      '--ingest-allow <host...>',
      'hash what devices ask for in vain from these hosts: HOST[:PORT], or *.SUFFIX at public addresses',
    ),
    new Option(
      '--ingest-rate <rate>',
      'bytes a second to read for that (default: 50MiB/s)',
    ).argParser(rateValue),
    new Option('--ingest-max-size <size>', 'the largest file (default: 64GiB)').argParser(
      sizeValue(1, 2 ** 40, 'from 1 to 1TiB'),
    ),
    new Option(
      '--ingest-sign-key <file>',
      'sign what was hashed by this Ed25519 key (PEM; `sluice keys create`)',
    ).argParser(pathValue),
  ];
}

/** As the cloud takes them; undefined when it takes in nothing. @throws InvalidArgument, FileUnreadable */
export async function ingestSettings(flags: IngestFlags) {
  const { ingestAllow, ingestRate, ingestMaxSize, ingestSignKey } = flags;
  if (!ingestAllow) {
    if (ingestSignKey === undefined) return undefined;
    const detail = 'needs --ingest-allow';
    throw sluiceError('InvalidArgument', { name: '--ingest-sign-key', detail });
  }
  const allow = ingestAllow.flatMap((text) => text.split(','));
  const { readSignKey } = await import('../keys/key-files.ts');
  const signKey = ingestSignKey === undefined ? undefined : await readSignKey(ingestSignKey);
  return { allow, rate: ingestRate, maxLength: ingestMaxSize, signKey };
}
