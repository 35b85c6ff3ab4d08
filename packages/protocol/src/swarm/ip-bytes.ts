import { canonicalIp } from '../services/ip-address.ts';

/**
 * The 4 or 16 bytes of an IP address; of IPv4 in IPv6 form (`::ffff:a.b.c.d`) its 4.
 * Undefined when `text` is no IP address or has a zone.
 */
export function ipToBytes(text: string): Uint8Array | undefined {
  const ip = canonicalIp(text);
  if (ip === undefined) return undefined;
  if (!ip.includes(':')) return Uint8Array.from(ip.split('.'), Number);
  const [head, tail] = ip.split('::').map(groupBytes) as [number[], number[]?];
  const zeros = new Array<number>(16 - head.length - (tail?.length ?? 0)).fill(0);
  return Uint8Array.from([...head, ...zeros, ...(tail ?? [])]);
}

/** The canonical text of 4 or 16 bytes. */
export function ipFromBytes(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i]! << 8) | bytes[i + 1]!).toString(16));
  return canonicalIp(groups.join(':'))!;
}

function groupBytes(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
