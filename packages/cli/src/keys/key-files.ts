import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { type KeySet, sluiceError } from '@sluice/protocol';
import { readBounded } from '../files/read-bounded.ts';

const maxBytes = 65_536;

export interface SignKey {
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** A private Ed25519 key in PEM. @throws InvalidArgument, FileUnreadable */
export async function readSignKey(file: string): Promise<SignKey> {
  const text = Buffer.from(await readBounded(file, maxBytes)).toString();
  const fail = (cause?: unknown) =>
    sluiceError('InvalidArgument', { name: file, detail: 'no Ed25519 key in PEM' }, { cause });
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(text);
  } catch (cause) {
    throw fail(cause);
  }
  if (privateKey.asymmetricKeyType !== 'ed25519') throw fail();
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

/** A set of keys. @throws InvalidArgument, FileUnreadable */
export async function readKeySet(file: string): Promise<KeySet> {
  const text = Buffer.from(await readBounded(file, maxBytes)).toString();
  const { parseKeySet } = await import('@sluice/protocol/schemas');
  try {
    return parseKeySet(JSON.parse(text));
  } catch (cause) {
    throw sluiceError('InvalidArgument', { name: file, detail: 'no set of keys' }, { cause });
  }
}
