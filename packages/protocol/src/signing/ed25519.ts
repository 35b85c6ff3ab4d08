import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** What comes before the raw key in its DER form (RFC 8410). */
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');

/** A public key as text: base64 of its 32 bytes. */
export function publicKeyText(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).subarray(spkiHead.length).toString('base64');
}

/** The name of a key: the first 16 hex digits of its SHA-256. @param publicKey as `publicKeyText` */
export function keyIdOf(publicKey: string): string {
  const raw = Buffer.from(publicKey, 'base64');
  return createHash('sha256').update(raw).digest('hex').slice(0, 16);
}

/** @param key a private Ed25519 key. @returns base64 */
export function signText(text: string, key: KeyObject): string {
  return sign(null, Buffer.from(text), key).toString('base64');
}

/** @param publicKey as `publicKeyText`; false, too, when it is none */
export function isSigned(text: string, signature: string, publicKey: string): boolean {
  try {
    const raw = Buffer.from(publicKey, 'base64');
    const der = Buffer.concat([spkiHead, raw]);
    const key = createPublicKey({ key: der, type: 'spki', format: 'der' });
    return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}
