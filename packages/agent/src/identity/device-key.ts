import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

/** A new Ed25519 key, as PEM (PKCS #8). */
export function makeDeviceKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

/** Its public half, raw, base64url. */
export function publicKeyOf(privateKey: string): string {
  return createPublicKey(createPrivateKey(privateKey)).export({ format: 'jwk' }).x as string;
}

/** base64url */
export function signatureBy(privateKey: string, statement: Uint8Array): string {
  return sign(null, statement, createPrivateKey(privateKey)).toString('base64url');
}
