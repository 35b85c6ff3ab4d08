import { type Handshake, type PeerEntry, type PeerId, sluiceError } from '@sluice/protocol';
import { isOwn, type OwnAddress } from '../network/own-address.ts';
import { mayPeer, type PeerRestriction } from '../network/peer-restriction.ts';
import type { Finder } from './candidate.ts';
import { replacesOld } from './crossing-dials.ts';
import type { DialBook } from './dial-book.ts';
import type { Member } from './member.ts';

export const maxMembers = 50;
/** The rest is for those we choose ourselves. */
const maxIncoming = 40;

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
}

/** Whom a swarm connects to and lets in. */
export class Admission {
  readonly #facts: AdmissionFacts;

  constructor(facts: AdmissionFacts) {
    this.#facts = facts;
  }

  /** Whether to dial this address of a peer. */
  isWanted({ PeerId, Ip, Port, Left }: PeerEntry, by: Finder): boolean {
    const { members, banned, isSeed, network, listenPort } = this.#facts;
    if (network.isClosed || members.has(PeerId) || banned.has(PeerId)) return false;
    if (Left === 0 && isSeed()) return false;
    const own = network.own();
    if (Port === listenPort() && isOwn(own, Ip)) return false;
    return mayPeer(network.restriction, own, Ip, by === 'local');
  }

  /**
   * @param address of the peer.
   * @throws PeerIsSelf, UnknownSwarm, PeerBanned, PeersSwitchedOff, PeerRestricted,
   *   PeerAlreadyConnected, PeerLimit.
   */
  check({ peerId, swarmHash }: Handshake, address: string, incoming: boolean): void {
    const { self, banned, members } = this.#facts;
    if (peerId === self) throw sluiceError('PeerIsSelf');
    if (Buffer.compare(swarmHash, this.#facts.swarmHash) !== 0) throw sluiceError('UnknownSwarm');
    if (banned.has(peerId)) throw sluiceError('PeerBanned', { peer: peerId });
    this.#checkRestriction(peerId, address);
    const old = members.get(peerId);
    if (!old) this.#checkRoom(incoming);
    else if (!replacesOld(self, peerId, incoming, old.connection.incoming)) {
      // Should the old connection be dead, as after a power cut there, this is how it shows.
      old.connection.send({ type: 'keepAlive' });
      throw sluiceError('PeerAlreadyConnected', { peer: peerId });
    }
  }

  #checkRestriction(peerId: PeerId, address: string): void {
    const { network, book } = this.#facts;
    const { restriction, own } = network;
    if (network.isClosed) throw sluiceError('PeersSwitchedOff', { peer: address });
    if (restriction === 'none') return;
    if (mayPeer(restriction, own(), address, book().isLocal(peerId))) return;
    throw sluiceError('PeerRestricted', { peer: address, restriction });
  }

  #checkRoom(incoming: boolean): void {
    const { members } = this.#facts;
    let came = 0;
    for (const m of members.values()) if (m.connection.incoming) came++;
    if (members.size >= maxMembers || (incoming && came >= maxIncoming)) {
      throw sluiceError('PeerLimit');
    }
  }
}
