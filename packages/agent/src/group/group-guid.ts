import { createHash } from 'node:crypto';

const guid = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i;
/** Our own namespace, so that a group of a name is no other UUID of that name. */
const namespace = Buffer.from('1f0b8a5e6c4d4f6a9a4e5d0c3b2a1908', 'hex');

/** Groups are GUIDs: a text that is one, else UUID version 5 of it (RFC 9562), case not counting. */
export function groupGuid(text: string): string {
  const match = guid.exec(text.trim());
  if (match) return match[1]!;
  const name = text.trim().toLowerCase();
  const hash = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [8, 12, 16, 20, 32].map((end, i, ends) => hex.slice(ends[i - 1] ?? 0, end)).join('-');
}
