import { BlockList, isIPv4 } from 'node:net';
import { canonicalIPv6 } from './source-name.ts';

const special4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;

/** Inside 2000::/3, which alone is public: protocol assignments with Teredo, documentation, 6to4. */
const special6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;

const blocked = new BlockList();
for (const [net, bits] of special4) blocked.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of special6) blocked.addSubnet(net, bits, 'ipv6');
const public6 = new BlockList();
public6.addSubnet('2000::', 3, 'ipv6');

/**
 * Whether an IP address is anything but a public unicast one: loopback, private, link-local,
 * unique-local, carrier NAT, multicast, reserved, or an IPv6 form that carries such an IPv4 address
 * (IANA special-purpose registries). What is no address at all counts as special.
 */
export function isSpecialAddress(address: string): boolean {
  if (isIPv4(address)) return blocked.check(address, 'ipv4');
  const v6 = canonicalIPv6(address);
  if (v6 === undefined) return true;
  const inner = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(v6);
  if (inner) return blocked.check(dotted(inner[1]!, inner[2]!), 'ipv4');
  return !public6.check(v6, 'ipv6') || blocked.check(v6, 'ipv6');
}

function dotted(high: string, low: string): string {
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`;
}
