import { canonicalIp, ipToBytes } from '@sluice/protocol';

/** A network: the bits of its addresses that are the same. */
export interface Cidr {
  bytes: Uint8Array;
  prefix: number;
}

/** Reads `10.1.0.0/16` or `2001:db8::/32`; an address alone is a network of one. Undefined when it is neither. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', digits, more] = text.split('/');
  const ip = canonicalIp(address);
  const bytes = ip === undefined ? undefined : ipToBytes(ip);
  if (!bytes || more !== undefined || (digits !== undefined && !/^\d{1,3}$/.test(digits))) {
    return undefined;
  }
  const prefix = digits === undefined ? bytes.length * 8 : Number(digits);
  return prefix <= bytes.length * 8 ? { bytes, prefix } : undefined;
}

/** How many bits of the address the narrowest of the networks around it fixes; -1: it is in none. */
export function bestMatch(networks: readonly Cidr[], ip: string): number {
  const address = ipToBytes(ip);
  if (!address) return -1;
  const around = networks.filter((network) => contains(network, address));
  return Math.max(-1, ...around.map(({ prefix }) => prefix));
}

function contains({ bytes, prefix }: Cidr, address: Uint8Array): boolean {
  if (bytes.length !== address.length) return false;
  const whole = prefix >> 3;
  for (let i = 0; i < whole; i++) if (bytes[i] !== address[i]) return false;
  const rest = prefix & 7;
  return rest === 0 || ((bytes[whole]! ^ address[whole]!) & (0xff00 >> rest) & 0xff) === 0;
}
