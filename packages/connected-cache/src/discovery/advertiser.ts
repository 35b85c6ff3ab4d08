import { randomBytes } from 'node:crypto';
import type { Clock } from '@sluice/protocol';
import type { MulticastDNS, Options, QueryPacket } from 'multicast-dns';
import type { Logger } from 'pino';
import { cacheNodeService, nodeRecords, serviceTypes } from './node-records.ts';
import type { OwnLink } from './own-links.ts';

type Make = (options: Options) => MulticastDNS;

/** Networks come and go. */
const lookAtLinksMs = 15_000;
/** The first announcement may be lost. */
const announceAgainMs = 1_000;
/** The same is not sent twice within this (RFC 6762 §6). */
const answerEveryMs = 1_000;

interface Link {
  mdns: MulticastDNS;
  addresses: string[];
  sentAt: number;
  cancelAgain: () => void;
}

/** Tells devices on the local network of the node by DNS-SD (RFC 6762, 6763). */
export class Advertiser {
  readonly #id = `sluice-${randomBytes(6).toString('hex')}`;
  readonly #port: number;
  readonly #clock: Clock;
  readonly #logger: Logger | undefined;
  readonly #links = new Map<string, Link>();
  readonly #read: () => OwnLink[];
  #make: Make | undefined;
  #cancelLook = () => {};
  #closed = false;

  /** @param read the links as they are at the moment */
  constructor(
    port: number,
    read: () => OwnLink[],
    { clock, logger, make }: { clock: Clock; logger: Logger | undefined; make?: Make },
  ) {
    this.#port = port;
    this.#clock = clock;
    this.#logger = logger;
    this.#make = make;
    this.#read = read;
  }

  async open(): Promise<void> {
    // Loaded when needed: most nodes are named by a setting.
    this.#make ??= (await import('multicast-dns')).default;
    this.#lookAtLinks();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelLook();
    await Promise.all([...this.#links.values()].map((link) => this.#end(link, true)));
    this.#links.clear();
  }

  #lookAtLinks(): void {
    if (this.#closed) return;
    const wanted = new Map(this.#read().map((link) => [link.key, link]));
    for (const [key, link] of this.#links) {
      if (wanted.has(key)) continue;
      this.#links.delete(key);
      void this.#end(link, false);
    }
    for (const [key, { addresses }] of wanted)
      if (!this.#links.has(key)) this.#begin(key, addresses);
    this.#cancelLook = this.#clock.setTimer(lookAtLinksMs, () => this.#lookAtLinks());
  }

  #begin(key: string, addresses: string[]): void {
    // At the point of danger: without `bind` the socket is bound to the interface's address, to which
    // no multicast is delivered, and no error says so.
    const mdns = this.#make!({ interface: addresses[0]!, bind: '0.0.0.0' });
    const link: Link = { mdns, addresses, sentAt: Number.NEGATIVE_INFINITY, cancelAgain: () => {} };
    this.#links.set(key, link);
    mdns.on('query', (packet, from) => {
      // Who asks from another port is no mDNS device, and might have us answer a third party.
      if (from.port === 5353) this.#onQuery(link, packet);
    });
    mdns.on('error', (err) => this.#logger?.warn({ err, link: key }, 'cannot advertise on a link'));
    // What cannot be read: others on the network are not ours to complain about.
    mdns.on('warning', () => {});
    this.#send(link);
    link.cancelAgain = this.#clock.setTimer(announceAgainMs, () => this.#send(link));
  }

  #onQuery(link: Link, { questions = [] }: QueryPacket): void {
    const names = questions.slice(0, 32).map(({ name }) => name.toLowerCase());
    if (names.includes(serviceTypes)) {
      link.mdns.respond([{ name: serviceTypes, type: 'PTR', ttl: 120, data: cacheNodeService }]);
    }
    const ours = [cacheNodeService, `${this.#id}.${cacheNodeService}`, `${this.#id}.local`];
    if (!names.some((name) => ours.includes(name))) return;
    const wait = link.sentAt + answerEveryMs - this.#clock.now();
    link.cancelAgain();
    if (wait <= 0) this.#send(link);
    else link.cancelAgain = this.#clock.setTimer(wait, () => this.#send(link));
  }

  #send(link: Link): void {
    if (this.#closed) return;
    link.sentAt = this.#clock.now();
    link.mdns.respond(nodeRecords(this.#id, this.#port, link.addresses));
  }

  async #end({ mdns, addresses, cancelAgain }: Link, isGoodBye: boolean): Promise<void> {
    cancelAgain();
    if (isGoodBye) {
      const records = nodeRecords(this.#id, this.#port, addresses, 0);
      await new Promise<void>((resolve) => mdns.respond(records, () => resolve()));
    }
    await new Promise<void>((resolve) => mdns.destroy(() => resolve()));
  }
}
