import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A key nobody guesses; only its digest is kept. */
export function newKey(): string {
  return randomBytes(32).toString('base64url');
}

export function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Takes the same time wherever they differ. */
export function isKey(given: string, digest: string | null): boolean {
  if (digest === null) return false;
  return timingSafeEqual(Buffer.from(digestOf(given)), Buffer.from(digest));
}
