import { sluiceError } from '@sluice/protocol';
import type { TrustFlags } from '../options/signing.ts';
import { readKeySet } from './key-files.ts';

/** As the agent takes them; undefined when what the cloud says is believed. @throws InvalidArgument, FileUnreadable */
export async function trustedKeysOf({ trustedKeys, requireSigned = false }: TrustFlags) {
  if (trustedKeys !== undefined) {
    return { keys: await readKeySet(trustedKeys), isStrict: requireSigned };
  }
  if (!requireSigned) return undefined;
  const detail = 'needs --trusted-keys';
  throw sluiceError('InvalidArgument', { name: '--require-signed', detail });
}
