import { Option } from 'commander';
import { rateValue, sizeValue } from './values.ts';

export interface IngestFlags {
  ingestAllow?: string[];
  ingestRate?: number;
  ingestMaxSize?: number;
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
  ];
}

/** As the cloud takes them; undefined when it takes in nothing. */
export function ingestSettings({ ingestAllow, ingestRate, ingestMaxSize }: IngestFlags) {
  if (!ingestAllow) return undefined;
  const allow = ingestAllow.flatMap((text) => text.split(','));
  return { allow, rate: ingestRate, maxLength: ingestMaxSize };
}
