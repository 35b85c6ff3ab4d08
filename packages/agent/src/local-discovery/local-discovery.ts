import type { Advert, PeerId } from '@sluice/protocol';

/** A device that was heard on the local network. */
export interface Sighting {
  advert: Advert;
  /** Where it may be reached, with zone where one is needed; first the one from which it was heard. */
  addresses: string[];
  /** How long that holds, ms. */
  ttlMs: number;
}

/** What local discovery tells. */
export interface LocalListener {
  seen(sighting: Sighting): void;
  /** The device said that it goes, or who sent from that address did. */
  gone(peer: PeerId, from: string): void;
}

/** Tells the local network of this device, and hears of others there. */
export interface LocalDiscovery {
  /**
   * Begins to listen; called once, before anything else. Own adverts are not told.
   * Never rejects: a network that cannot be used is one where nobody is.
   */
  open(listener: LocalListener): Promise<void>;
  /** Says this from now on, at once and to who asks; undefined = says good-bye. */
  publish(advert: Advert | undefined): void;
  /** Asks who is there; they answer within about an eighth of a second. */
  ask(): void;
  /** Says good-bye and ends. */
  close(): Promise<void>;
}
