import {
  type Advert,
  type Clock,
  type ContentKey,
  maxOffers,
  offerToken,
  type PeerEntry,
  type PeerId,
  recogniseOffer,
  saltLength,
  tokenLength,
} from '@sluice/protocol';
import type { Logger } from 'pino';
import type { LocalDiscovery, Sighting } from './local-discovery.ts';
import { chooseOffers } from './offer-slots.ts';
import { Search } from './search.ts';
import { Sightings } from './sightings.ts';

/** The record is renewed so often, with another salt: nobody can follow a content by its token… */
const renewMs = 600_000;
/** …and so often when there are more contents than places. */
const rotateMs = 120_000;
/** Changes of the record within this are told together. */
const publishEveryMs = 1_000;
/** Adverts that are looked at within a second: each costs two hashes for each content. */
const maxAdvertsPerSecond = 200;

/** A content that is offered and looked for on the local network. */
export interface LocalContent extends ContentKey {
  isComplete(): boolean;
  /** A device that offers it, once for each of its addresses, the most likely first. */
  found(addresses: PeerEntry[]): void;
  /** A device that was found says that it goes, or was not heard for long. */
  lost(peer: PeerId): void;
}

export interface LocalPeersOptions {
  discovery: LocalDiscovery;
  self: PeerId;
  /** TCP port on which this device takes peers. */
  port: () => number;
  clock: Clock;
  randomBytes: (length: number) => Uint8Array;
  logger: Logger;
}

/** Finds the devices on the local network that share a content of ours, and has them find us. */
export class LocalPeers {
  readonly #options: LocalPeersOptions;
  readonly #searches = new Map<LocalContent, Search>();
  readonly #sightings: Sightings;
  #opened: Promise<void> | undefined;
  #turn = 0;
  #publishedAt = Number.NEGATIVE_INFINITY;
  #cancelPublish: (() => void) | undefined;
  #cancelRenew = () => {};
  #second = { since: Number.NEGATIVE_INFINITY, adverts: 0 };
  #closed = false;

  constructor(options: LocalPeersOptions) {
    this.#options = options;
    this.#sightings = new Sightings(options.clock);
  }

  /**
   * Offers the content and looks for it until `stop`.
   * @returns `answered` resolves with how many devices were found, within a quarter of a second.
   */
  add(content: LocalContent): { answered: Promise<number>; stop: () => void } {
    const { clock, discovery } = this.#options;
    const search = new Search(clock, () => {
      if (!content.isComplete()) discovery.ask();
      return !content.isComplete();
    });
    this.#searches.set(content, search);
    this.#forgetExpired();
    for (const sighting of this.#sightings) this.#match(sighting, content, search);
    this.#open().then(() => {
      if (this.#searches.get(content) !== search) return;
      // Told before asked: who hears us first dials us at once, and need not be asked.
      this.#publishSoon();
      search.begin();
    });
    return { answered: search.answered, stop: () => this.#remove(content) };
  }

  /** What is there of a content has changed: told at the next chance. */
  changed(): void {
    if (this.#searches.size > 0) this.#publishSoon();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelPublish?.();
    this.#cancelRenew();
    for (const search of this.#searches.values()) search.end();
    this.#searches.clear();
    await this.#opened;
    if (this.#opened) await this.#options.discovery.close();
  }

  #open(): Promise<void> {
    this.#opened ??= this.#options.discovery
      .open({
        seen: (sighting) => this.#seen(sighting),
        gone: (peer, from) => this.#gone(peer, from),
      })
      .catch((err: unknown) => this.#options.logger.warn({ err }, 'no local discovery'));
    return this.#opened;
  }

  #remove(content: LocalContent): void {
    this.#searches.get(content)?.end();
    if (this.#searches.delete(content) && !this.#closed) this.#publishSoon();
  }

  #publishSoon(): void {
    const { clock } = this.#options;
    if (this.#closed || this.#cancelPublish) return;
    const wait = this.#publishedAt + publishEveryMs - clock.now();
    if (wait <= 0) this.#publish();
    else this.#cancelPublish = clock.setTimer(wait, () => this.#publish());
  }

  #publish(): void {
    const { clock, discovery } = this.#options;
    this.#cancelPublish = undefined;
    this.#cancelRenew();
    this.#publishedAt = clock.now();
    if (this.#searches.size === 0) {
      discovery.publish(undefined);
      return;
    }
    discovery.publish(this.#advert());
    const isFull = this.#searches.size > maxOffers;
    this.#cancelRenew = clock.setTimer(isFull ? rotateMs : renewMs, () => {
      this.#turn++;
      this.#publish();
    });
  }

  #advert(): Advert {
    const { self, port, randomBytes } = this.#options;
    const salt = randomBytes(saltLength);
    const { yes = [], no = [] } = Object.groupBy(this.#searches.keys(), (c) =>
      c.isComplete() ? 'yes' : 'no',
    );
    const tokens = chooseOffers(no, yes, this.#turn).map((content) =>
      offerToken(content, { peerId: self, salt, complete: content.isComplete() }),
    );
    // Always as many, so that nobody can count what there is.
    while (tokens.length < maxOffers) tokens.push(randomBytes(tokenLength));
    return { peerId: self, port: port(), salt, tokens };
  }

  #seen(sighting: Sighting): void {
    if (sighting.advert.peerId === this.#options.self || !this.#mayLook()) return;
    this.#forgetExpired();
    const news = this.#sightings.add(sighting);
    if (!news) return;
    for (const [content, search] of this.#searches) this.#match(news, content, search);
  }

  #match({ advert, addresses }: Sighting, content: LocalContent, search: Search): void {
    const state = recogniseOffer(advert, content);
    if (!state) return;
    const displaced = search.found(advert.peerId);
    if (displaced) content.lost(displaced);
    const { peerId: PeerId, port: Port } = advert;
    // Lan in group mode too: who is on the same network is never counted as Group (policies.md §5).
    const entry = { PeerId, Port, Type: 'LAN' as const, Left: state === 'complete' ? 0 : 1 };
    content.found(addresses.map((Ip) => ({ ...entry, Ip })));
  }

  #gone(peer: PeerId, from: string): void {
    if (this.#sightings.takeBack(peer, from)) this.#lose(peer);
  }

  #lose(peer: PeerId): void {
    for (const [content, search] of this.#searches) {
      if (search.lost(peer)) content.lost(peer);
    }
  }

  #forgetExpired(): void {
    for (const peer of this.#sightings.expire()) this.#lose(peer);
  }

  #mayLook(): boolean {
    const now = this.#options.clock.now();
    if (now - this.#second.since >= 1_000) this.#second = { since: now, adverts: 0 };
    this.#second.adverts++;
    return this.#second.adverts <= maxAdvertsPerSecond;
  }
}
