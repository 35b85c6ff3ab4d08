import {
  type Advert,
  addressKind,
  canonicalIp,
  decodeAdvert,
  encodeAdvertTxt,
  localService,
  type PeerId,
} from '@sluice/protocol';
import type { ResponsePacket } from 'multicast-dns';
import { inSubnetOf, type OwnAddress } from '../network/own-address.ts';
import type { Sighting } from './local-discovery.ts';

export type DnsRecord = NonNullable<ResponsePacket['answers']>[number];

/** How long others may remember an advert, s: over the next new version of it. */
export const recordTtl = 1_200;
/** The service types there are, for tools that browse (RFC 6763 §9). */
export const serviceTypes = '_services._dns-sd._udp.local';

const maxRecords = 64;
/** Addresses of one device, at most. */
const maxAddresses = 4;

export function instanceName(peer: PeerId): string {
  return `${peer}.${localService}`;
}

export function hostName(peer: PeerId): string {
  return `${peer}.local`;
}

/** The records of an advert. @param ttl seconds; 0 says good-bye (RFC 6762 §10.1). */
export function recordsOf(advert: Advert, addresses: string[], ttl = recordTtl): DnsRecord[] {
  const name = instanceName(advert.peerId);
  const host = hostName(advert.peerId);
  // The name is ours alone: what others remember under it is to be replaced.
  const unique = { ttl, class: 'IN' as const, flush: true };
  const target = { port: advert.port, target: host, priority: 0, weight: 0 };
  return [
    { name: localService, type: 'PTR', ttl, class: 'IN', data: name },
    { name, type: 'SRV', ...unique, data: target },
    { name, type: 'TXT', ...unique, data: encodeAdvertTxt(advert) },
    ...addresses.map(
      (data): DnsRecord => ({
        name: host,
        type: data.includes(':') ? 'AAAA' : 'A',
        ...unique,
        data,
      }),
    ),
  ];
}

/** What a response says of peers. */
export interface Heard {
  sightings: Sighting[];
  /** Good-byes, and the address from which they came. */
  gone: { peerId: PeerId; from: string }[];
}

/**
 * Reads a response from an untrusted network. Addresses count only when they are on the link that it
 * came over: nobody can send us to a third party.
 * @param from where the packet came from, with zone where there is one.
 * @param link this device's addresses on that link.
 */
export function readResponse(
  packet: Pick<ResponsePacket, 'answers' | 'additionals'>,
  from: string,
  link: readonly OwnAddress[],
): Heard {
  const { answers = [], additionals = [] } = packet;
  const records = [...answers, ...additionals].slice(0, maxRecords);
  const heard: Heard = { sightings: [], gone: [] };
  const [sender] = addressesOn(link, [from]);
  if (sender === undefined) return heard;
  for (const srv of records) {
    if (srv.type !== 'SRV' || !isInstance(srv.name)) continue;
    const isTxt = (r: DnsRecord) => r.type === 'TXT' && sameName(r.name, srv.name);
    const txt = records.find(isTxt);
    if (txt?.type !== 'TXT') continue;
    const strings = [txt.data].flat().map((s) => (typeof s === 'string' ? Buffer.from(s) : s));
    const advert = decodeAdvert(srv.name.split('.')[0]!, srv.data.port, strings);
    if (!advert) continue;
    const ttl = Math.min(srv.ttl ?? 0, txt.ttl ?? 0, recordTtl);
    const listed = records.flatMap((r) =>
      (r.type === 'A' || r.type === 'AAAA') && sameName(r.name, srv.data.target) ? [r.data] : [],
    );
    const addresses = addressesOn(link, [from, ...listed]);
    if (ttl === 0) heard.gone.push({ peerId: advert.peerId, from: sender });
    else heard.sightings.push({ advert, addresses, ttlMs: ttl * 1000 });
  }
  return heard;
}

function addressesOn(link: readonly OwnAddress[], listed: string[]): string[] {
  const usable = listed.flatMap((text) => {
    const ip = canonicalIp(text.split('%')[0]!);
    if (ip === undefined || addressKind(ip) === 'unusable') return [];
    const own = link.find((o) => inSubnetOf(o, ip));
    if (!own) return [];
    const isScoped = ip.includes(':') && addressKind(ip) === 'linkLocal';
    return [isScoped ? `${ip}%${own.zone}` : ip];
  });
  return firstAddresses(usable);
}

/** The first few, each once. */
export function firstAddresses(all: readonly string[]): string[] {
  return [...new Set(all)].slice(0, maxAddresses);
}

function isInstance(name: string): boolean {
  return name.toLowerCase().endsWith(`.${localService}`);
}

export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
