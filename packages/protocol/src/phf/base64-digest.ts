import { digestLength } from './limits.ts';

/** Characters of a 32-byte digest in padded standard base64: 43 and one `=`. */
export const base64DigestLength = 44;

const notBase64 = 0x80;
const padding = 0x3d;

const sextets = new Uint8Array(256).fill(notBase64);
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
for (let i = 0; i < alphabet.length; i++) sextets[alphabet.charCodeAt(i)] = i;

/**
 * Decodes the 44 base64 characters at `source[at]` into the 32 bytes at `target[targetAt]`.
 * Stricter than `Buffer.from(text, 'base64')`, which skips what it does not know: only the standard
 * alphabet, the padding and zero spare bits pass, so that one digest has one spelling.
 * @returns whether it was such a digest; if not, the target's bytes there are undefined.
 */
export function decodeBase64Digest(
  source: Uint8Array,
  at: number,
  target: Uint8Array,
  targetAt: number,
): boolean {
  if (at + base64DigestLength > source.length) return false;
  let from = at;
  let to = targetAt;
  let seen = 0;
  for (let group = 0; group < 10; group++) {
    const a = sextets[source[from]!]!;
    const b = sextets[source[from + 1]!]!;
    const c = sextets[source[from + 2]!]!;
    const d = sextets[source[from + 3]!]!;
    seen |= a | b | c | d;
    target[to] = (a << 2) | (b >> 4);
    target[to + 1] = (b << 4) | (c >> 2);
    target[to + 2] = (c << 6) | d;
    from += 4;
    to += 3;
  }
  const a = sextets[source[from]!]!;
  const b = sextets[source[from + 1]!]!;
  const c = sextets[source[from + 2]!]!;
  seen |= a | b | c;
  target[to] = (a << 2) | (b >> 4);
  target[to + 1] = (b << 4) | (c >> 2);
  return (seen & notBase64) === 0 && (c & 3) === 0 && source[from + 3] === padding;
}

/** The base64 of the digest at `digests[at]`. */
export function encodeBase64Digest(digests: Uint8Array, at: number): string {
  return Buffer.from(digests.buffer, digests.byteOffset + at, digestLength).toString('base64');
}
