import type { ResponsePacket } from 'multicast-dns';

type DnsRecord = NonNullable<ResponsePacket['answers']>[number];

/** As which service devices look for cache nodes (wire.md §4). */
export const cacheNodeService = '_microsoft_mcc._tcp.local';
/** The service types there are, for tools that browse (RFC 6763 §9). */
export const serviceTypes = '_services._dns-sd._udp.local';

/** How long others may remember it, s (RFC 6762 §10). */
export const recordTtl = 120;

/**
 * The records of the node. @param id a label of its own on the network
 * @param ttl seconds; 0 says good-bye (RFC 6762 §10.1)
 */
export function nodeRecords(
  id: string,
  port: number,
  addresses: readonly string[],
  ttl = recordTtl,
): DnsRecord[] {
  const name = `${id}.${cacheNodeService}`;
  const host = `${id}.local`;
  const unique = { ttl, class: 'IN' as const, flush: true };
  return [
    { name: cacheNodeService, type: 'PTR', ttl, class: 'IN', data: name },
    { name, type: 'SRV', ...unique, data: { port, target: host, priority: 0, weight: 0 } },
    // RFC 6763 §6.1: there must be one, if it says nothing.
    { name, type: 'TXT', ...unique, data: [] },
    ...addresses.map((data): DnsRecord => ({ name: host, type: 'A', ...unique, data })),
  ];
}
