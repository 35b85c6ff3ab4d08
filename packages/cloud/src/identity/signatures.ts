import { createPublicKey, verify } from 'node:crypto';

/** Whether a raw Ed25519 key (base64url) has signed it. */
export function isSignedBy(publicKey: string, statement: Buffer, signature: string): boolean {
  try {
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: publicKey },
      format: 'jwk',
    });
    return verify(null, statement, key, Buffer.from(signature, 'base64url'));
  } catch {
    // What is no key has signed nothing.
    return false;
  }
}
