import {
  addressKind,
  type Clock,
  canonicalIp,
  decodePeers,
  ExtensionId,
  encodePeers,
  type PeerAddress,
  type PeerEntry,
  type PeerId,
} from '@sluice/protocol';
import { inSubnetOf, isOwn, type OwnAddress } from '../network/own-address.ts';
import type { DialBook } from './dial-book.ts';
import type { Member } from './member.ts';
import { isElsewhere } from './peer-class.ts';

/** Each peer is told so often at most. */
const tellEveryMs = 60_000;
/** Told more often than that, less what the network may do to the times, we do not listen. */
const listenEveryMs = 50_000;
/** Who starts together has just been named everybody: nobody is told before, ms. */
const afterMs = 10_000;
/** Peers in one message at most. */
const maxPeers = 50;

/** The feature of hello by which peers are asked for. */
export const peerExchangeFeature = 'pex';

export interface PeerExchangeOptions {
  self: PeerId;
  clock: Clock;
  members: ReadonlyMap<PeerId, Member>;
  book: () => DialBook;
  own: () => OwnAddress[];
  listenPort: () => number;
  /** Whether only members of a group may know of each other (download mode 2). */
  groupOnly: () => boolean;
  /** Nobody is told before, ms from now. */
  afterMs?: number;
}

/**
 * Peers tell each other of peers, so that a swarm holds together when nobody else names them. What they
 * say is a hint and no more: see DialBook.
 */
export class PeerExchange {
  readonly #options: PeerExchangeOptions;
  readonly #tellFrom: number;
  readonly #toldAt = new WeakMap<Member, number>();
  readonly #heardAt = new WeakMap<Member, number>();

  constructor(options: PeerExchangeOptions) {
    this.#options = options;
    this.#tellFrom = options.clock.now() + (options.afterMs ?? afterMs);
  }

  /** Tells those whose time it is. */
  tell(): void {
    const now = this.#options.clock.now();
    if (now < this.#tellFrom) return;
    for (const to of this.#options.members.values()) {
      if (!to.hello?.features.includes(peerExchangeFeature)) continue;
      if (now - (this.#toldAt.get(to) ?? Number.NEGATIVE_INFINITY) < tellEveryMs) continue;
      const peers = this.#peersFor(to);
      if (peers.length === 0) continue;
      this.#toldAt.set(to, now);
      const body = encodePeers(peers);
      to.connection.send({ type: 'extension', id: ExtensionId.peers, body });
    }
  }

  /** What a peer said. @throws InvalidMessage */
  heard(from: Member, body: Uint8Array): void {
    const peers = decodePeers(body);
    const { clock, book, self } = this.#options;
    const last = this.#heardAt.get(from) ?? Number.NEGATIVE_INFINITY;
    if (clock.now() - last < listenEveryMs || !this.#isTrusted(from)) return;
    this.#heardAt.set(from, clock.now());
    for (const peer of peers.slice(0, maxPeers)) {
      const entry = peer.peerId === self ? undefined : this.#entryFrom(from, peer);
      if (entry) book().add(entry, 'peer');
    }
  }

  /** Members of the class and site of `to`, at addresses that are of use there and no secret of ours. */
  #peersFor(to: Member): PeerAddress[] {
    if (!this.#isTrusted(to)) return [];
    const peers: PeerAddress[] = [];
    for (const member of this.#options.members.values()) {
      if (peers.length >= maxPeers) break;
      if (member === to || siteOf(member) !== siteOf(to) || !this.#isTrusted(member)) continue;
      const { connection, hello } = member;
      const port = connection.incoming ? hello?.listenPort : connection.remotePort;
      const address = canonicalIp(connection.address);
      // Link-local addresses mean something else on another link; there multicast finds everybody.
      if (!port || address === undefined || !mayTell(to, address)) continue;
      peers.push({ address, port, peerId: connection.peerId });
    }
    return peers;
  }

  /** In a group only who was named as one of it, by the array or by knowing its id, is one of it. */
  #isTrusted({ connection }: Member): boolean {
    const { groupOnly, book } = this.#options;
    return !groupOnly() || book().isVouchedFor(connection.peerId);
  }

  #entryFrom(from: Member, { peerId, address, port }: PeerAddress): PeerEntry | undefined {
    const { own, listenPort } = this.#options;
    const addresses = own();
    if (port === listenPort() && isOwn(addresses, address)) return undefined;
    const kind = addressKind(address);
    const isHere = siteOf(from) === 'here';
    // Of the site is what cannot be elsewhere; nobody may send us out to the Internet as to a neighbour.
    const isNear =
      kind === 'private' ||
      (kind === 'loopback' && addressKind(from.connection.address) === 'loopback') ||
      (kind === 'public' && addresses.some((o) => inSubnetOf(o, address)));
    if (isHere ? !isNear : kind !== 'public') return undefined;
    const Type = isHere ? 'LAN' : from.peerClass === 'Group' ? 'Group' : 'Internet';
    // What it lacks is not told: something, until it says itself that it does not.
    return { PeerId: peerId, Ip: address, Port: port, Type, Left: 1 };
  }
}

function siteOf({ peerClass }: Member): 'here' | 'Group' | 'Internet' {
  return isElsewhere(peerClass) ? peerClass : 'here';
}

function mayTell(to: Member, address: string): boolean {
  const kind = addressKind(address);
  if (kind === 'public') return true;
  if (kind === 'loopback') return addressKind(to.connection.address) === 'loopback';
  return kind === 'private' && siteOf(to) === 'here';
}
