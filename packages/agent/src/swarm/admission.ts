import { type Handshake, type PeerEntry, type PeerId, sluiceError } from '@sluice/protocol';
import { isOwn, type OwnAddress } from '../network/own-address.ts';
import { mayPeer, type PeerRestriction } from '../network/peer-restriction.ts';
import type { Finder } from './candidate.ts';
import { replacesOld } from './crossing-dials.ts';
import type { DialBook } from './dial-book.ts';
import type { Member } from './member.ts';
import { peerClassOf } from './peer-class.ts';
import type { Places } from './places.ts';

/** Where this device is, and whom it may have for a peer. */
export interface SwarmNetwork {
  own: () => OwnAddress[];
  /** As it is set now. */
  readonly restriction: PeerRestriction;
  /** Nobody may be had for a peer: settings have changed. */
  readonly isClosed?: boolean;
}

/** What admission is decided by. */
export interface AdmissionFacts {
  self: PeerId;
  swarmHash: Uint8Array;
  listenPort: () => number;
  network: SwarmNetwork;
  members: ReadonlyMap<PeerId, Member>;
  banned: ReadonlySet<PeerId>;
  book: () => DialBook;
  isSeed: () => boolean;
  places: Places;
}

/** Whom a swarm connects to and lets in. */
export class Admission {
  readonly #facts: AdmissionFacts;

  constructor(facts: AdmissionFacts) {
    this.#facts = facts;
  }

  /** Whether to dial this address of a peer. */
  isWanted({ PeerId, Ip, Port, Left }: PeerEntry, by: Finder): boolean {
    const { members, banned, isSeed, network, listenPort, places } = this.#facts;
    if (network.isClosed || members.has(PeerId) || banned.has(PeerId)) return false;
    if (Left === 0 && isSeed()) return false;
    const own = network.own();
    if (Port === listenPort() && isOwn(own, Ip)) return false;
    if (!mayPeer(network.restriction, own, Ip, by === 'local')) return false;
    return places.isFree(false) || this.#whoGoes(PeerId, Ip, false) !== undefined;
  }

  /**
   * @param address of the peer.
   * @returns who has to go for it, if somebody has.
   * @throws PeerIsSelf, UnknownSwarm, PeerBanned, PeersSwitchedOff, PeerRestricted,
   *   PeerAlreadyConnected, PeerLimit.
   */
  check({ peerId, swarmHash }: Handshake, address: string, incoming: boolean): Member | undefined {
    const { self, banned, members } = this.#facts;
    if (peerId === self) throw sluiceError('PeerIsSelf');
    if (Buffer.compare(swarmHash, this.#facts.swarmHash) !== 0) throw sluiceError('UnknownSwarm');
    if (banned.has(peerId)) throw sluiceError('PeerBanned', { peer: peerId });
    this.#checkRestriction(peerId, address);
    const old = members.get(peerId);
    if (!old) return this.#makeRoom(peerId, address, incoming);
    if (!replacesOld(self, peerId, incoming, old.connection.incoming)) {
      // Should the old connection be dead, as after a power cut there, this is how it shows.
      old.connection.send({ type: 'keepAlive' });
      throw sluiceError('PeerAlreadyConnected', { peer: peerId });
    }
    return old;
  }

  #checkRestriction(peerId: PeerId, address: string): void {
    const { network, book } = this.#facts;
    const { restriction, own } = network;
    if (network.isClosed) throw sluiceError('PeersSwitchedOff', { peer: address });
    if (restriction === 'none') return;
    if (mayPeer(restriction, own(), address, book().isLocal(peerId))) return;
    throw sluiceError('PeerRestricted', { peer: address, restriction });
  }

  #makeRoom(peerId: PeerId, address: string, incoming: boolean): Member | undefined {
    if (this.#facts.places.isFree(incoming)) return undefined;
    const goes = this.#whoGoes(peerId, address, incoming);
    if (!goes) throw sluiceError('PeerLimit');
    return goes;
  }

  #whoGoes(peerId: PeerId, address: string, incoming: boolean): Member | undefined {
    const book = this.#facts.book();
    const entry = book.entry(peerId, address);
    const newcomer = {
      peerClass: peerClassOf(entry, address),
      isSeed: entry?.Left === 0,
      isVouchedFor: book.isVouchedFor(peerId),
    };
    return this.#facts.places.whoGoesFor(peerId, newcomer, incoming);
  }
}
