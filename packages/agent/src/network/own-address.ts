import { networkInterfaces } from 'node:os';
import { addressKind, type Clock, canonicalIp, ipToBytes } from '@sluice/protocol';

/** An address of this device. */
export interface OwnAddress {
  /** Canonical, without zone. */
  address: string;
  /** Bits of the address that are the same in the whole subnet. */
  prefix: number;
  /** Name of the interface; on Windows, whose zones are numbers, its number where IPv6 has one. */
  zone: string;
  /** Whether it is the loopback interface. */
  internal: boolean;
  /** Whether it is a tunnel or another interface without an address of its own on a link. */
  tunnel: boolean;
}

/** How long the list of addresses is good for; asking the system takes a tenth of a millisecond. */
const freshMs = 5_000;

/**
 * The addresses on which this device can be reached, as they are at the moment.
 * @param listenHost the one address on which it takes peers; all if undefined or a wildcard.
 */
export function ownAddressesOf(
  listenHost: string | undefined,
  clock: Clock,
  read: () => OwnAddress[] = readAddresses,
): () => OwnAddress[] {
  const only = listenHost === undefined ? undefined : canonicalIp(listenHost);
  const isWildcard = only === undefined || only === '0.0.0.0' || only === '::';
  let known: OwnAddress[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (clock.now() - readAt < freshMs) return known;
    readAt = clock.now();
    known = read().filter(({ address }) => {
      if (only === '0.0.0.0') return !address.includes(':');
      return isWildcard || address === only;
    });
    return known;
  };
}

/** Whether `address` (with or without zone) is in the subnet of this own address. */
export function inSubnetOf(own: OwnAddress, address: string): boolean {
  const [ip, zone] = address.split('%') as [string, string?];
  const theirs = ipToBytes(ip);
  const ours = ipToBytes(own.address);
  if (!theirs || !ours || theirs.length !== ours.length) return false;
  // fe80::/64 is on every link: which one is meant the zone tells.
  if (zone !== undefined && zone !== own.zone) return false;
  return firstDifferentBit(theirs, ours) >= own.prefix;
}

/** Whether it is one of ours, or reaches us by loopback. */
export function isOwn(own: readonly OwnAddress[], address: string): boolean {
  const [ip] = address.split('%') as [string];
  if (own.some((o) => o.address === ip)) return true;
  return addressKind(ip) === 'loopback' && own.some((o) => o.internal && inSubnetOf(o, ip));
}

function firstDifferentBit(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const different = a[i]! ^ b[i]!;
    if (different !== 0) return i * 8 + Math.clz32(different) - 24;
  }
  return a.length * 8;
}

function readAddresses(): OwnAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, list = []]) =>
    list.flatMap(({ address, cidr, internal, mac, scopeid }) => {
      const ip = canonicalIp(address.split('%')[0]!);
      const prefix = Number(cidr?.split('/')[1]);
      if (ip === undefined || !Number.isInteger(prefix)) return [];
      const zone = process.platform === 'win32' && scopeid ? String(scopeid) : name;
      const tunnel = !internal && mac === '00:00:00:00:00:00';
      return [{ address: ip, prefix, zone, internal, tunnel }];
    }),
  );
}
