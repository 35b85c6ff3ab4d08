import { networkInterfaces } from 'node:os';
import { addressKind, canonicalIp } from '@sluice/protocol';

/** An interface on which devices may look for cache nodes. */
export interface OwnLink {
  /** Stays the same as long as nothing of it changes. */
  key: string;
  /** IPv4 addresses of this machine there, by which multicast DNS goes. */
  addresses: string[];
}

const maxLinks = 16;

/**
 * The links of this machine, without loopback, tunnels and such with public addresses.
 * @param listening the one address that the node listens on, or a wildcard
 */
export function ownLinks(listening: string, read = networkInterfaces): OwnLink[] {
  const isAll = listening === '0.0.0.0' || listening === '[::]';
  const links = Object.entries(read()).flatMap(([name, list = []]) => {
    const usable = list.filter(
      ({ address, family, internal, mac }) =>
        family === 'IPv4' &&
        !internal &&
        (isAll || address === listening) &&
        mac !== '00:00:00:00:00:00' &&
        // Agents take nodes at private and link-local addresses only.
        ['private', 'linkLocal'].includes(addressKind(canonicalIp(address) ?? '0.0.0.0')),
    );
    const addresses = usable.map(({ address }) => address);
    return addresses.length > 0 ? [{ key: [name, ...addresses].join(' '), addresses }] : [];
  });
  return links.slice(0, maxLinks);
}
