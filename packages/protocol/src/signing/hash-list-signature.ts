import type { KeyObject } from 'node:crypto';
import type { HashListSignature, KeySet } from '../services/key-set.ts';
import { isSigned, keyIdOf, publicKeyText, signText } from './ed25519.ts';

/** What a signature is about. Bytes, and seconds since 1970. */
export interface SignedContent {
  ContentId: string;
  HashOfHashes: string;
  ContentLength: number;
  PieceSize: number;
  NotBefore: number;
  NotAfter: number;
}

/** @param privateKey Ed25519. @param publicKey its other half */
export function signHashList(
  content: SignedContent,
  privateKey: KeyObject,
  publicKey: KeyObject,
): HashListSignature {
  const { ContentId: _, HashOfHashes: __, ...facts } = content;
  const KeyId = keyIdOf(publicKeyText(publicKey));
  return { KeyId, ...facts, Signature: signText(canonical(content), privateKey) };
}

/**
 * Why the signature does not vouch for this content; undefined when it does.
 * @param now seconds since 1970
 */
export function signatureFault(
  named: { ContentId: string; HashOfHashes: string; Signature?: HashListSignature | undefined },
  keys: KeySet,
  now: number,
): string | undefined {
  const { ContentId, HashOfHashes, Signature: signature } = named;
  if (!signature) return 'it is not signed';
  const { KeyId, Signature, ...facts } = signature;
  const key = keys.Keys.find((k) => k.KeyId === KeyId);
  if (!key) return `its key ${KeyId} is not trusted`;
  if (key.IsRevoked) return `its key ${KeyId} was revoked`;
  if (!isSigned(canonical({ ContentId, HashOfHashes, ...facts }), Signature, key.PublicKey)) {
    return 'its signature is wrong';
  }
  if (now < facts.NotBefore) return 'its signature is not valid yet';
  return now > facts.NotAfter ? 'its signature is over' : undefined;
}

/** One line to tell what it is, one of JSON: the same bytes for everybody. */
function canonical(c: SignedContent): string {
  const said = [c.ContentId, c.HashOfHashes, c.ContentLength, c.PieceSize, c.NotBefore, c.NotAfter];
  return `sluice hash list 1\n${JSON.stringify(said)}`;
}
