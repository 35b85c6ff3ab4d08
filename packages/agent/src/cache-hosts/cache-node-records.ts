import { addressKind, canonicalIp } from '@sluice/protocol';
import type { ResponsePacket } from 'multicast-dns';
import { sameName } from '../local-discovery/dns-records.ts';
import { inSubnetOf, isOwn, type OwnAddress } from '../network/own-address.ts';

/** As which service cache nodes are found (wire.md §2). */
export const cacheNodeService = '_microsoft_mcc._tcp.local';

const maxRecords = 64;
/** An answer holds no longer, ms: who moves on is not asked for the rest of the day. */
const maxTtlMs = 3_600_000;

/** A cache node that was heard on the local network. */
export interface HeardNode {
  /** `address:port`. */
  host: string;
  /** How long that holds, ms; 0: it says that it goes. */
  ttlMs: number;
  /** The lower, the better (RFC 2782). */
  priority: number;
}

/**
 * Reads a response from an untrusted network. A node counts only at a private or link-local address of the
 * link that the answer came over, so that nobody can send us elsewhere, nor to ourselves.
 * @param from where the packet came from, with zone where there is one.
 * @param link this device's addresses on that link.
 */
export function readCacheNodes(
  packet: Pick<ResponsePacket, 'answers' | 'additionals'>,
  from: string,
  link: readonly OwnAddress[],
): HeardNode[] {
  const records = [...(packet.answers ?? []), ...(packet.additionals ?? [])].slice(0, maxRecords);
  return records.flatMap((srv) => {
    if (srv.type !== 'SRV' || !srv.name.toLowerCase().endsWith(`.${cacheNodeService}`)) return [];
    const { port, target, priority = 0 } = srv.data;
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return [];
    const listed = records.flatMap((r) =>
      (r.type === 'A' || r.type === 'AAAA') && sameName(r.name, target) ? [r.data] : [],
    );
    // A name without an address is looked for where the answer came from.
    const ip = (listed.length > 0 ? listed : [from]).map((a) => usable(a, link)).find(Boolean);
    if (ip === undefined) return [];
    const host = ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
    return [{ host, priority, ttlMs: Math.min((srv.ttl ?? 0) * 1_000, maxTtlMs) }];
  });
}

function usable(address: string, link: readonly OwnAddress[]): string | undefined {
  const ip = canonicalIp(address.split('%')[0]!);
  if (ip === undefined || isOwn(link, ip)) return undefined;
  const kind = addressKind(ip);
  // An IPv6 address of the link needs a zone, which a URL cannot carry.
  const isNear = kind === 'private' || (kind === 'linkLocal' && !ip.includes(':'));
  return isNear && link.some((own) => !own.internal && inSubnetOf(own, ip)) ? ip : undefined;
}
