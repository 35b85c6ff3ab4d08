import { InvalidArgumentError, Option } from 'commander';

/** `--tenant NAME`, as the cloud takes it. */
export function tenantOption(description: string): Option {
  return new Option('--tenant <name>', description).argParser((text: string) => {
    if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(text)) return text;
    throw new InvalidArgumentError('It must be 1 to 63 small letters, digits or -.');
  });
}
