import type { KeyObject } from 'node:crypto';
import type { KeySet } from '../services/key-set.ts';
import { isSigned, keyIdOf, publicKeyText, signText } from './ed25519.ts';

/** The next set of keys, signed by one of the set before. @param privateKey of a key of `before` that is not revoked */
export function nextKeySet(
  before: KeySet,
  keys: KeySet['Keys'],
  privateKey: KeyObject,
  publicKey: KeyObject,
): KeySet {
  const set = { Version: before.Version + 1, Keys: keys };
  const SignedBy = keyIdOf(publicKeyText(publicKey));
  return { ...set, SignedBy, Signature: signText(canonical(set), privateKey) };
}

/** Why `next` does not follow from `before`; undefined when it does. */
export function keySetFault(before: KeySet, next: KeySet): string | undefined {
  if (next.Version !== before.Version + 1) return `version ${next.Version} is not the next one`;
  if (next.Keys.some(({ KeyId, PublicKey }) => keyIdOf(PublicKey) !== KeyId)) {
    return 'a key has another id';
  }
  const signer = before.Keys.find(({ KeyId }) => KeyId === next.SignedBy);
  if (!signer || signer.IsRevoked) return 'it is not signed by a key of the set before';
  return isSigned(canonical(next), next.Signature ?? '', signer.PublicKey)
    ? undefined
    : 'its signature is wrong';
}

/** The newest set that follows from the one that is trusted, step by step. @param chain in order */
export function newestKeySet(trusted: KeySet, chain: readonly KeySet[]): KeySet {
  let newest = trusted;
  for (const next of chain) {
    if (next.Version <= newest.Version) continue;
    if (keySetFault(newest, next) !== undefined) break;
    newest = next;
  }
  return newest;
}

function canonical({ Version, Keys }: Pick<KeySet, 'Version' | 'Keys'>): string {
  const keys = Keys.map(({ KeyId, PublicKey, IsRevoked }) => [KeyId, PublicKey, IsRevoked]);
  return `sluice key set 1\n${JSON.stringify([Version, keys])}`;
}
