import { type Advert, type Clock, localService, type PeerId } from '@sluice/protocol';
import type { QueryPacket, ResponsePacket } from 'multicast-dns';
import type { Logger } from 'pino';
import type { OwnAddress } from '../network/own-address.ts';
import {
  type DnsRecord,
  hostName,
  instanceName,
  readResponse,
  recordsOf,
  recordTtl,
  sameName,
  serviceTypes,
} from './dns-records.ts';
import type { LocalDiscovery, LocalListener } from './local-discovery.ts';
import { linksOf, type Make, MulticastLink } from './multicast-link.ts';

/** Answers wait so long, by chance, that not all devices send at the same moment (RFC 6762 §6). */
const answerAfterMs = { least: 20, most: 120 };
/** The same record is not sent twice within this. */
const answerEveryMs = 1_000;
/** An announcement is said again once: the first may be lost. */
const announceAgainMs = 1_000;
/** Networks come and go. */
const lookAtLinksMs = 15_000;
/** Instances that a question names as known, so that they need not answer. */
const maxKnown = 30;

export interface DnsSdOptions {
  self: PeerId;
  /** This device's addresses, those on which it takes peers. */
  own: () => OwnAddress[];
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Made here when not given. */
  make?: Make;
}

interface Link {
  multicast: MulticastLink;
  cancelAnswer: (() => void) | undefined;
  /** When the advert was last sent. */
  sentAt: number;
}

/** Local discovery by DNS-SD over multicast DNS (RFC 6762, 6763). */
export class DnsSd implements LocalDiscovery {
  readonly #options: DnsSdOptions;
  readonly #links = new Map<string, Link>();
  /** Whom we heard, and until when that holds. */
  readonly #known = new Map<PeerId, number>();
  #listener: LocalListener | undefined;
  #make: Make | undefined;
  #advert: Advert | undefined;
  #cancelLook = () => {};
  #cancelAgain = () => {};
  #closed = false;

  constructor(options: DnsSdOptions) {
    this.#options = options;
  }

  async open(listener: LocalListener): Promise<void> {
    this.#listener = listener;
    try {
      // Loaded when needed: most downloads of single files have nobody to look for.
      this.#make = this.#options.make ?? (await import('multicast-dns')).default;
      this.#lookAtLinks();
    } catch (err) {
      this.#options.logger.warn({ err }, 'no local discovery');
    }
  }

  publish(advert: Advert | undefined): void {
    const old = this.#advert;
    this.#advert = advert;
    this.#cancelAgain();
    if (!advert) {
      if (old) this.#sendToAll(old, 0);
      return;
    }
    this.#sendToAll(advert);
    this.#cancelAgain = this.#options.clock.setTimer(announceAgainMs, () =>
      this.#sendToAll(advert),
    );
  }

  ask(): void {
    const now = this.#options.clock.now();
    const known: DnsRecord[] = [];
    for (const [peer, until] of this.#known) {
      const ttl = Math.floor((until - now) / 1000);
      if (ttl <= 0) this.#known.delete(peer);
      else if (known.length < maxKnown) {
        known.push({ name: localService, type: 'PTR', ttl, data: instanceName(peer) });
      }
    }
    for (const { multicast } of this.#links.values()) multicast.query(localService, known);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelLook();
    this.#cancelAgain();
    const advert = this.#advert;
    this.#advert = undefined;
    const ends = [...this.#links.values()].map(async (link) => {
      link.cancelAnswer?.();
      if (advert) await link.multicast.respond(recordsOf(advert, [], 0));
      await link.multicast.close();
    });
    this.#links.clear();
    await Promise.all(ends);
  }

  /** Follows the interfaces of the host. */
  #lookAtLinks(): void {
    if (this.#closed) return;
    const { own, clock } = this.#options;
    const wanted = new Map(linksOf(own()).map((link) => [link.key, link]));
    for (const [key, link] of this.#links) if (!wanted.has(key)) this.#drop(key, link);
    for (const [key, { addresses, family }] of wanted) {
      if (this.#links.has(key)) continue;
      this.#openLink(key, addresses, family);
    }
    this.#cancelLook = clock.setTimer(lookAtLinksMs, () => this.#lookAtLinks());
  }

  #openLink(key: string, addresses: OwnAddress[], family: 4 | 6): void {
    const link: Link = {
      multicast: new MulticastLink(this.#make!, addresses, family, {
        query: (packet) => this.#onQuery(link, packet),
        response: (packet, from) => this.#onResponse(link, packet, from),
        failed: (err) => {
          this.#options.logger.info({ err, link: key }, 'no local discovery on this link');
          // Kept, closed: tried again when the interface has changed.
          void link.multicast.close();
        },
      }),
      cancelAnswer: undefined,
      sentAt: Number.NEGATIVE_INFINITY,
    };
    this.#links.set(key, link);
    if (this.#advert) this.#send(link, this.#advert);
  }

  #drop(key: string, link: Link): void {
    this.#links.delete(key);
    link.cancelAnswer?.();
    void link.multicast.close();
  }

  #sendToAll(advert: Advert, ttl = recordTtl): void {
    for (const link of this.#links.values()) this.#send(link, advert, ttl);
  }

  #send(link: Link, advert: Advert, ttl = recordTtl): void {
    link.sentAt = this.#options.clock.now();
    link.cancelAnswer?.();
    link.cancelAnswer = undefined;
    const addresses = link.multicast.addresses.map((o) => o.address);
    void link.multicast.respond(recordsOf(advert, addresses, ttl));
  }

  #onQuery(link: Link, { questions = [], answers = [] }: QueryPacket): void {
    const { self, clock, random } = this.#options;
    if (!this.#advert || link.cancelAnswer) return;
    const names = questions.slice(0, 32).map((q) => q.name);
    if (names.some((n) => sameName(n, serviceTypes))) {
      const type: DnsRecord = {
        name: serviceTypes,
        type: 'PTR',
        ttl: recordTtl,
        data: localService,
      };
      void link.multicast.respond([type]);
    }
    const ours = [localService, instanceName(self), hostName(self)];
    if (!names.some((n) => ours.some((our) => sameName(n, our)))) return;
    const isKnown = answers.some(
      (a) =>
        a.type === 'PTR' && sameName(a.data, instanceName(self)) && (a.ttl ?? 0) > recordTtl / 2,
    );
    if (isKnown) return;
    const { least, most } = answerAfterMs;
    const again = link.sentAt + answerEveryMs - clock.now();
    const wait = Math.max(least + random() * (most - least), again);
    link.cancelAnswer = clock.setTimer(wait, () => {
      link.cancelAnswer = undefined;
      if (this.#advert) this.#send(link, this.#advert);
    });
  }

  #onResponse(link: Link, packet: ResponsePacket, from: string): void {
    const { self, clock } = this.#options;
    const { sightings, gone } = readResponse(packet, from, link.multicast.addresses);
    for (const sighting of sightings) {
      const { peerId } = sighting.advert;
      if (peerId === self) continue;
      this.#known.delete(peerId);
      this.#known.set(peerId, clock.now() + sighting.ttlMs);
      const [oldest] = this.#known.keys();
      if (this.#known.size > maxKnown) this.#known.delete(oldest!);
      this.#listener?.seen(sighting);
    }
    for (const { peerId, from: sender } of gone) {
      if (peerId === self) continue;
      this.#known.delete(peerId);
      this.#listener?.gone(peerId, sender);
    }
  }
}
