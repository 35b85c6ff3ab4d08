import type { RemoteInfo } from 'node:dgram';
import { addressKind } from '@sluice/protocol';
import type { MulticastDNS, Options, QueryPacket, ResponsePacket } from 'multicast-dns';
import { inSubnetOf, type OwnAddress } from '../network/own-address.ts';
import type { DnsRecord } from './dns-records.ts';

export type Make = (options: Options) => MulticastDNS;

/** What comes over a link, from devices on that link. */
export interface LinkEvents {
  query(packet: QueryPacket): void;
  response(packet: ResponsePacket, from: string): void;
  /** The link cannot be used. */
  failed(error: unknown): void;
}

export type LinkFamily = 4 | 6;

/** Multicast DNS on one interface, by one address family. */
export class MulticastLink {
  readonly addresses: readonly OwnAddress[];
  readonly #mdns: MulticastDNS;
  #closed: Promise<void> | undefined;

  /** @param addresses this device's on the interface, one of them of the family. */
  constructor(
    make: Make,
    addresses: readonly OwnAddress[],
    family: LinkFamily,
    events: LinkEvents,
  ) {
    this.addresses = addresses;
    this.#mdns = make(optionsOf(addresses, family));
    this.#mdns.on('query', (packet, from) => {
      // Who asks from another port is no mDNS device, and might have us answer a third party.
      if (from.port === 5353 && this.#isOnLink(from)) events.query(packet);
    });
    this.#mdns.on('response', (packet, from) => {
      if (from.port === 5353 && this.#isOnLink(from)) events.response(packet, from.address);
    });
    this.#mdns.on('error', (error) => events.failed(error));
    // What cannot be read or joined: others on the network are not ours to complain about.
    this.#mdns.on('warning', () => {});
  }

  query(name: string, known: DnsRecord[]): void {
    if (this.#closed) return;
    this.#mdns.query({ questions: [{ name, type: 'PTR' }], answers: known });
  }

  respond(answers: DnsRecord[]): Promise<void> {
    if (this.#closed) return this.#closed;
    return new Promise((resolve) => this.#mdns.respond({ answers }, () => resolve()));
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => this.#mdns.destroy(() => resolve()));
    return this.#closed;
  }

  /** Each socket hears all interfaces of the host; and RFC 6762 §11 wants nothing from elsewhere. */
  #isOnLink({ address }: RemoteInfo): boolean {
    return this.addresses.some((own) => inSubnetOf(own, address));
  }
}

function optionsOf(addresses: readonly OwnAddress[], family: LinkFamily): Options {
  const { address, zone } = addresses.find((a) => a.address.includes(':') === (family === 6))!;
  // At the point of danger: without `bind` the socket is bound to the interface's address, to which
  // no multicast is delivered, and no error says so.
  if (family === 4) return { interface: address, bind: '0.0.0.0' };
  return { type: 'udp6', ip: 'ff02::fb', interface: `::%${zone}`, bind: '::' };
}

/** The device's addresses by link, those of which multicast is of use. */
export function linksOf(
  own: readonly OwnAddress[],
): { key: string; family: LinkFamily; addresses: OwnAddress[] }[] {
  const outer = own.filter((o) => !o.internal && !o.tunnel && !isPointToPoint(o));
  // With no network at all, programs on this host can still find each other.
  const used = outer.length > 0 ? outer : own.filter((o) => o.internal && !o.address.includes(':'));
  const zones = Map.groupBy(used, (o) => o.zone);
  return [...zones].slice(0, maxInterfaces).flatMap(([zone, addresses]) => {
    const families: LinkFamily[] = [];
    if (addresses.some((o) => !o.address.includes(':'))) families.push(4);
    if (addresses.some((o) => o.address.includes(':') && addressKind(o.address) === 'linkLocal'))
      families.push(6);
    const names = addresses.map((o) => `${o.address}/${o.prefix}`).sort();
    return families.map((family) => ({
      key: [zone, family, ...names].join(' '),
      family,
      addresses,
    }));
  });
}

const maxInterfaces = 16;

function isPointToPoint({ address, prefix }: OwnAddress): boolean {
  return prefix >= (address.includes(':') ? 127 : 31);
}
