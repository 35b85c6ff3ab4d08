import type { Clock, PeerId } from '@sluice/protocol';
import { firstAddresses } from './dns-records.ts';
import type { Sighting } from './local-discovery.ts';

/** More devices are not remembered; who was heard longest ago makes room. */
const maxKnown = 512;

interface Known extends Sighting {
  until: number;
  /** The addresses from which it was told: the first few, or a stranger could push out the device's own. */
  tellers: string[];
}

/** The devices that were heard lately, as they said last. */
export class Sightings {
  readonly #clock: Clock;
  /** In the order in which they were heard last. */
  readonly #known = new Map<PeerId, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns the sighting to look at, with all its addresses; undefined when it is no news. */
  add({ advert, addresses, ttlMs }: Sighting): Sighting | undefined {
    const old = this.#known.get(advert.peerId);
    const all = firstAddresses([...addresses, ...(old?.addresses ?? [])]);
    const until = this.#clock.now() + ttlMs;
    this.#known.delete(advert.peerId);
    const tellers = firstAddresses([...(old?.tellers ?? []), addresses[0]!]);
    this.#known.set(advert.peerId, { advert, addresses: all, ttlMs, until, tellers });
    const [oldest] = this.#known.keys();
    if (this.#known.size > maxKnown) this.#known.delete(oldest!);
    const isSame =
      old !== undefined &&
      old.advert.port === advert.port &&
      Buffer.compare(old.advert.salt, advert.salt) === 0 &&
      addresses.every((a) => old.addresses.includes(a));
    return isSame ? undefined : { advert, addresses: all, ttlMs };
  }

  /**
   * A good-bye, which anybody on the network can send in anybody's name: it takes back what was told from the same
   * address, no more. @returns whether nobody says any longer that the device is there.
   */
  takeBack(peer: PeerId, from: string): boolean {
    const known = this.#known.get(peer);
    if (!known?.tellers.includes(from)) return false;
    known.tellers = known.tellers.filter((address) => address !== from);
    return known.tellers.length === 0 && this.#known.delete(peer);
  }

  /** Forgets those whose time is over. @returns them. */
  expire(): PeerId[] {
    const now = this.#clock.now();
    const over = [...this.#known].filter(([, { until }]) => until <= now).map(([peer]) => peer);
    for (const peer of over) this.#known.delete(peer);
    return over;
  }

  [Symbol.iterator](): Iterator<Sighting> {
    return this.#known.values();
  }
}
