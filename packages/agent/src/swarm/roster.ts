import { crowdRoom } from '@sluice/engine';
import {
  type Handshake,
  type Hello,
  isSluiceError,
  type PeerEntry,
  type PeerId,
  sluiceError,
} from '@sluice/protocol';
import { Admission } from './admission.ts';
import type { Finder } from './candidate.ts';
import type { DialBook } from './dial-book.ts';
import { JoinBudget } from './join-budget.ts';
import { logPeer } from './log-peer.ts';
import type { Member, MemberEvents } from './member.ts';
import { newMember } from './new-member.ts';
import { isOnSite, peerClassOf } from './peer-class.ts';
import { PeerRefusals } from './peer-refusals.ts';
import { Places } from './places.ts';
import type { SwarmContent, SwarmOptions } from './swarm-options.ts';
import type { SwarmSocket } from './swarm-socket.ts';

export interface RosterOptions extends SwarmOptions {
  book: () => DialBook;
  content: () => SwarmContent | undefined;
  /** Our handshake, as it is at the moment. */
  handshake: () => Uint8Array;
  events: (member: () => Member) => MemberEvents;
  /** Called before the member is heard. */
  joined: (member: Member) => void;
  left: (member: Member) => void;
}

/** Who is connected, who may be, and who never again. */
export class Roster {
  readonly members = new Map<PeerId, Member>();
  readonly refusals = new PeerRefusals();
  readonly #options: RosterOptions;
  readonly #since: number;
  readonly #banned = new Set<PeerId>();
  readonly #places: Places;
  readonly #admission: Admission;
  readonly #joins: JoinBudget;

  constructor(options: RosterOptions) {
    this.#options = options;
    const { members } = this;
    const { clock, uploads, content } = options;
    this.#since = clock.now();
    this.#joins = new JoinBudget(clock);
    this.#places = new Places({
      ...{ clock, members },
      own() {
        const entry = content()?.entry;
        return entry && { pieces: entry.pieces, mayUpload: (to) => uploads.allows(to) };
      },
    });
    this.#admission = new Admission({
      ...options,
      ...{ members, banned: this.#banned, places: this.#places },
      isSeed: () => content()?.entry.pieces.complete === true,
    });
  }

  /** Connections that may be made. @param fetches see `SiteDuty` */
  room(fetches: boolean): number {
    const { room } = this.#places;
    if (fetches) return room;
    const all = [...this.members.values()];
    const made = all.filter((m) => !m.connection.incoming);
    const forMs = this.#options.clock.now() - this.#since;
    return Math.min(room, crowdRoom(made.length, all.length, forMs));
  }

  get bannedCount(): number {
    return this.#banned.size;
  }

  /** Whether to dial this address of a peer. */
  isWanted(entry: PeerEntry, by: Finder): boolean {
    return this.#admission.isWanted(entry, by);
  }

  /** Whether the peer would be let in now. @throws as `Admission.check` */
  check(handshake: Handshake, address: string, incoming: boolean): void {
    this.#admission.check(handshake, address, incoming);
  }

  /**
   * Adds a connection that is past the other side's handshake; `rest` is what came behind it.
   * @param provenBy the key by which it has proved where it belongs: our handshake has gone out then.
   * @throws as `Admission.check`: it is to be dropped.
   */
  join(
    socket: SwarmSocket,
    handshake: Handshake,
    rest: Uint8Array,
    incoming: boolean,
    provenBy?: string,
  ): void {
    const { peerId } = handshake;
    const { remoteAddress } = socket;
    const goes = this.#admission.check(handshake, remoteAddress, incoming);
    if (incoming && !this.#joins.take(this.#lookedAt())) throw sluiceError('PeerLimit');
    if (goes) this.#replace(goes, peerId);
    if (incoming && provenBy === undefined) socket.write([this.#options.handshake()]);
    const { book, clock, content, events, nextSourceId } = this.#options;
    const peerClass = peerClassOf(book().entry(peerId, remoteAddress), remoteAddress);
    const member = newMember({
      ...{ socket, peerId, peerClass, incoming, provenBy, clock, events, id: nextSourceId() },
      geometry: content,
      onClosed: (gone, error) => {
        this.refusals.failed('connected', gone.connection.label, error);
        logPeer(this.#options, gone, error);
        this.#remove(gone, isSluiceError(error, 'PeersSwitchedOff'));
      },
    });
    this.members.set(peerId, member);
    book().joined(peerId);
    this.#options.joined(member);
    member.connection.start(rest);
  }

  /**
   * Who made the connection was told whether we are of its site; who took it has the address only, until somebody names
   * the peer, and those of all sites of a company may be private ones. To be called with each hello.
   */
  placeAs(said: Hello['knownAs'], member: Member): void {
    const { peerId, incoming } = member.connection;
    if (!said || !incoming || !isOnSite(member.peerClass)) return;
    if (this.#options.book().isVouchedFor(peerId)) return;
    this.#options.left(member);
    member.moveTo(said);
    this.#options.joined(member);
  }

  /** @param because as in the engine's log. */
  ban({ connection }: Member, because: string): void {
    this.#banned.add(connection.peerId);
    this.refusals.banned(connection.label, because);
    connection.destroy(sluiceError('PeerBanned', { peer: connection.label }));
  }

  /** Pieces that are looked at for each member. */
  #lookedAt(): number {
    const pieces = this.#options.content()?.entry.pieces;
    return pieces && !pieces.complete ? pieces.length : 0;
  }

  /** The member gives its place to that peer, or this connection to another one of the same peer. */
  #replace(member: Member, by: PeerId): void {
    const { peerId, label } = member.connection;
    if (peerId === by) {
      member.connection.destroy(sluiceError('PeerAlreadyConnected', { peer: peerId }));
    } else {
      this.#places.replaced(member);
      this.#options.logger.debug({ peer: label, by }, 'peer gives its place to a better one');
      member.connection.destroy(sluiceError('PeerLimit'));
    }
    this.#remove(member);
  }

  /** @param isOurs our settings ended it, nothing else. */
  #remove(member: Member, isOurs = false): void {
    const { peerId } = member.connection;
    member.uploads?.close();
    if (this.members.get(peerId) !== member) return;
    this.members.delete(peerId);
    const book = this.#options.book();
    if (isOurs) book.letGo(peerId);
    else book.lost(peerId);
    this.#options.left(member);
  }
}
