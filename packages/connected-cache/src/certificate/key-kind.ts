import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { sluiceError } from '@sluice/protocol';

/** The keys that a certificate request may be for (connected-cache.md §8). */
export type KeyKind =
  | { algorithm: 'RSA'; bits: 2048 | 3072 | 4096 }
  | { algorithm: 'EC'; curve: 'prime256v1' | 'secp384r1' }
  | { algorithm: 'ED25519' | 'ED448' };

interface KeyPair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

const generate = promisify(generateKeyPair);

/**
 * @param detail the key size, or the curve
 * @throws InvalidArgument
 */
export function parseKeyKind(algorithm: string, detail: string | undefined): KeyKind {
  const name = algorithm.toUpperCase();
  const bits = Number(detail ?? 2048);
  const curve = detail ?? 'prime256v1';
  if (name === 'RSA' && (bits === 2048 || bits === 3072 || bits === 4096)) {
    return { algorithm: name, bits };
  }
  if (name === 'EC' && (curve === 'prime256v1' || curve === 'secp384r1')) {
    return { algorithm: name, curve };
  }
  if ((name === 'ED25519' || name === 'ED448') && detail === undefined) return { algorithm: name };
  throw sluiceError('InvalidArgument', {
    name: 'algorithm',
    detail: 'RSA with 2048, 3072 or 4096, EC with prime256v1 or secp384r1, ED25519, or ED448',
  });
}

export function makeKeyPair(kind: KeyKind): Promise<KeyPair> {
  switch (kind.algorithm) {
    case 'RSA':
      return generate('rsa', { modulusLength: kind.bits });
    case 'EC':
      return generate('ec', { namedCurve: kind.curve });
    case 'ED25519':
      return generate('ed25519', undefined);
    case 'ED448':
      return generate('ed448', undefined);
  }
}

/** The signature of a request made with such a key: its OID, and its digest where there is one. */
export function signatureOf(kind: KeyKind): { oid: string; digest: string | null } {
  switch (kind.algorithm) {
    case 'RSA':
      return { oid: '1.2.840.113549.1.1.11', digest: 'sha256' };
    case 'EC':
      return kind.curve === 'secp384r1'
        ? { oid: '1.2.840.10045.4.3.3', digest: 'sha384' }
        : { oid: '1.2.840.10045.4.3.2', digest: 'sha256' };
    case 'ED25519':
      return { oid: '1.3.101.112', digest: null };
    case 'ED448':
      return { oid: '1.3.101.113', digest: null };
  }
}
