import { Option } from 'commander';
import { pathValue } from './values.ts';

export interface TrustFlags {
  trustedKeys?: string;
  requireSigned?: boolean;
}

/** Flags of a device that believes signed hash lists only. */
export function trustOptions(): Option[] {
  return [
    new Option(
      '--trusted-keys <file>',
      'hash lists of the cloud count only when signed by a key of this set, or of one that follows from it',
    ).argParser(pathValue),
    new Option('--require-signed', 'such without a signature fail, instead of simple mode'),
  ];
}
