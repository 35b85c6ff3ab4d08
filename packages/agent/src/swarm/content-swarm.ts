import {
  encodeHandshake,
  type Handshake,
  type PeerEntry,
  type PeerId,
  type PieceRun,
  pieceCount,
  sluiceError,
} from '@sluice/protocol';
import type { Finder } from './candidate.ts';
import { Dialler } from './dialler.ts';
import { dropSeeds } from './drop-seeds.ts';
import { Entrance } from './entrance.ts';
import type { Member, MemberEvents } from './member.ts';
import { uploadsTo } from './member-uploads.ts';
import type { PeerClass } from './peer-class.ts';
import { PeerExchange } from './peer-exchange.ts';
import type { PeerRefusals } from './peer-refusals.ts';
import { Roster, type RosterOptions } from './roster.ts';
import { SiteDuty } from './site-duty.ts';
import type { SwarmContent, SwarmOptions, SwarmWatcher } from './swarm-options.ts';
import type { SwarmSocket } from './swarm-socket.ts';
import { SwarmVoice } from './swarm-voice.ts';
import type { UploadPermit } from './upload-permit.ts';
import { UploadPools } from './upload-pools.ts';

const tickMs = 1_000;

/** Everybody connected for one content: has them found, admitted, told and served. */
export class ContentSwarm {
  readonly sent: Record<PeerClass, number> = { Lan: 0, LinkLocal: 0, Group: 0, Internet: 0 };
  readonly #options: SwarmOptions;
  readonly #roster: Roster;
  readonly #entrance: Entrance;
  readonly #dialler: Dialler;
  readonly #turns: UploadPools;
  readonly duty = new SiteDuty();
  readonly #voice: SwarmVoice;
  readonly #exchange: PeerExchange;
  /** Whether peers are told only of, and to, those of the group (download mode 2). */
  groupOnly = false;
  /** Of which group, in that mode. */
  groupId: string | undefined;
  #watcher: SwarmWatcher | undefined;
  #content: SwarmContent | undefined;
  #stopTick: () => void = () => {};
  readonly #unwatchUploads: () => void;
  readonly #unwatchKeys: () => void;
  #closed = false;

  constructor(options: SwarmOptions) {
    this.#options = options;
    const { clock, logger, uploads, listenPort } = options;
    const facts: RosterOptions = {
      ...options,
      book: () => this.#dialler.book,
      content: () => this.#content,
      handshake: () => this.#handshake(),
      events: (member) => this.#eventsOf(member),
      joined: (member) => this.#greet(member),
      left: (member) => {
        this.#turns.remove(member);
        this.#watcher?.left(member);
      },
    };
    this.#roster = new Roster(facts);
    const groupId = () => (this.groupOnly ? this.groupId : undefined);
    this.#entrance = new Entrance({ ...facts, roster: this.#roster, groupId });
    this.#unwatchKeys = options.membership?.watch(() => this.#dropUnproven()) ?? (() => {});
    const members = () => this.#roster.members.values();
    const mayServe = (m: Member) => uploads.allows(m.peerClass);
    this.#turns = new UploadPools({ clock, members, content: facts.content, mayServe });
    // With only local discovery allowed, what peers say of others is of no use.
    const exchanges = options.network.restriction !== 'local';
    this.#voice = new SwarmVoice({ uploads, duty: this.duty, listenPort, members, exchanges });
    this.#unwatchUploads = uploads.watch(() => {
      this.#voice.reconsider();
      this.#turns.next();
    });
    this.#dialler = new Dialler({
      clock,
      logger,
      handshake: () => this.#handshake(),
      room: () => this.#roster.room(this.duty.fetches),
      isWanted: (entry, by) => this.#roster.isWanted(entry, by),
      connected: (socket, handshake, rest) => this.#join(socket, handshake, rest, false),
      failed: (peer, error) => this.refusals.failed('dialled', peer, error),
    });
    this.#exchange = new PeerExchange({
      ...options,
      members: this.#roster.members,
      book: () => this.#dialler.book,
      own: options.network.own,
      groupOnly: () => this.groupOnly,
    });
    this.#tick();
  }

  get members(): IterableIterator<Member> {
    return this.#roster.members.values();
  }

  get bannedCount(): number {
    return this.#roster.bannedCount;
  }

  /** Peers that were found and are not used, and why. */
  get refusals(): PeerRefusals {
    return this.#roster.refusals;
  }

  /** Peers that are known and not connected, each by the address that is tried first. */
  get unconnected(): PeerEntry[] {
    return this.#dialler.book.entries().filter(({ PeerId: id }) => !this.#roster.members.has(id));
  }

  /** How far we are with those we know of. */
  get acquaintance(): { connecting: number; greeting: number } {
    // Who has everything fetches nothing that we would have to hear of.
    const isStranger = (m: Member) => !m.acquainted && !m.has.complete;
    const strangers = [...this.#roster.members.values()].filter(isStranger).length;
    const { connecting, greeting } = this.#dialler.book;
    return { connecting, greeting: greeting + strangers };
  }

  /** The download that hears of the members; told of those there are already. */
  watch(watcher: SwarmWatcher | undefined): void {
    this.#watcher = watcher;
    if (!watcher) return;
    for (const m of this.#roster.members.values()) {
      watcher.joined(m);
      // Claims told before there was anybody to hear them are told again in the answer.
      this.#voice.sayHello(m);
    }
  }

  /** Whom we may upload to. */
  get uploads(): UploadPermit {
    return this.#options.uploads;
  }

  /** The hash list is known: pieces can be served and asked for from now on. */
  setContent(content: SwarmContent): void {
    this.#content = content;
    this.#voice.setPieces(content.entry.pieces);
    for (const m of this.#roster.members.values()) {
      try {
        this.#greetWithContent(m, content);
      } catch (error) {
        m.connection.destroy(error as Error);
      }
    }
  }

  /** Whether this device can fetch from HTTP, and so be responsible for pieces; peers are told. */
  setMayUseHttp = (may: boolean): void => this.#voice.setMayUseHttp(may);

  /** How large a share of the site's work this device takes; its devices are told, and answer. */
  setHandicap(handicap: number): void {
    this.#voice.setHandicap(handicap);
  }

  /** Peers there are, each at one address, by whom they were found; those of use are connected to. */
  offer(peers: PeerEntry[], by: Finder = 'array'): void {
    const { book } = this.#dialler;
    for (const peer of peers) if (peer.PeerId !== this.#options.self) book.add(peer, by);
    this.#dialler.dial();
  }

  /** Forgets whom others than local discovery have named. */
  forgetNamed(): void {
    this.#dialler.book.forgetNamed();
  }

  /** A peer that was offered is there no more, by the same finder's word; connected, it stays. */
  retract(peer: PeerId, by: Finder): void {
    this.#dialler.book.retract(peer, by);
  }

  /**
   * Adds a connection that came in and whose handshake named this swarm.
   * @throws PeerIsSelf, UnknownSwarm, PeerBanned, PeerRestricted, PeerAlreadyConnected, PeerLimit,
   *   PeerUnproven: it is to be dropped.
   */
  async admit(socket: SwarmSocket, handshake: Handshake, rest: Uint8Array): Promise<void> {
    try {
      await this.#join(socket, handshake, rest, true);
    } catch (error) {
      this.refusals.failed('incoming', socket.remoteAddress, error);
      throw error;
    }
  }

  broadcastHave(piece: number): void {
    this.#voice.have(piece);
  }

  broadcastClaim(kind: 'claim' | 'release', runs: PieceRun[], rate: number): void {
    for (const m of this.#roster.members.values()) this.#voice.claim(m, kind, runs, rate);
  }

  /** @param because as in the engine's log. */
  ban(member: Member, because: string): void {
    this.#roster.ban(member, because);
  }

  /** Who has everything leaves those who have, too: who is sending at once, the others soon. */
  dropSeeds(): void {
    if (!this.#content?.entry.pieces.complete) return;
    dropSeeds(this.members, this.#dialler.book, this.#options.clock.now());
  }

  /** Drops everybody; resolves when no socket is left. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopTick();
    this.#turns.close();
    this.#unwatchUploads();
    this.#unwatchKeys();
    await this.#dialler.close();
    await Promise.all([...this.#roster.members.values()].map((m) => m.connection.close()));
  }

  #tick(): void {
    this.#stopTick = this.#options.clock.setTimer(tickMs, () => {
      this.#turns.adapt();
      for (const m of this.#roster.members.values()) m.tick();
      this.dropSeeds();
      this.#exchange.tell();
      this.#dialler.dial();
      this.#tick();
    });
  }

  #handshake(): Uint8Array {
    const { swarmHash, self: peerId } = this.#options;
    const contentLength = this.#content?.contentLength ?? 0;
    return encodeHandshake({ contentLength, swarmHash, peerId });
  }

  async #join(
    socket: SwarmSocket,
    handshake: Handshake,
    rest: Uint8Array,
    incoming: boolean,
  ): Promise<void> {
    if (this.#closed) throw sluiceError('UnknownSwarm');
    await this.#entrance.enter({ socket, handshake, rest, incoming });
    // Closed while it proved itself.
    if (this.#closed) socket.destroy();
  }

  /** Keys were withdrawn: a device that has no newer one was revoked, the others come again. */
  #dropUnproven(): void {
    const known = this.#options.membership?.keys.map((k) => k.id) ?? [];
    for (const { provenBy, connection } of [...this.#roster.members.values()]) {
      if (provenBy !== undefined && known.includes(provenBy)) continue;
      const detail = 'its key does not hold any more';
      connection.destroy(sluiceError('PeerUnproven', { peer: connection.label, detail }));
    }
  }

  #greet(member: Member): void {
    if (this.#content) this.#greetWithContent(member, this.#content);
    this.#watcher?.joined(member);
    this.#voice.sayHello(member);
  }

  #greetWithContent(member: Member, content: SwarmContent): void {
    this.#voice.tellPieces(member);
    const onSent = (bytes: number) => {
      this.sent[member.peerClass] += bytes;
      member.traffic.sent += bytes;
      this.#turns.sent(member, bytes);
      this.uploads.sent(member.peerClass, bytes);
    };
    const onSentAll = () => this.#turns.sentAll(member);
    const uploads = uploadsTo(member, content, this.#options, { onSent, onSentAll });
    member.setContent(pieceCount(content), content.phf, uploads);
  }

  #eventsOf(member: () => Member): MemberEvents {
    return {
      hello: (hello) => {
        this.#roster.placeAs(hello.knownAs, member());
        this.#watcher?.hello(member(), hello);
        member().answerHello();
      },
      answered: () => this.#watcher?.answered?.(member()),
      has: (piece) => this.#watcher?.has(member(), piece),
      choked: (choked) => this.#watcher?.choked(member(), choked),
      claimed: (runs, rate) => this.#watcher?.claimed(member(), runs, rate),
      released: (runs) => this.#watcher?.released(member(), runs),
      phf: (data) => this.#watcher?.phf(member(), data),
      peers: (body) => this.#exchange.heard(member(), body),
      interested: (interested) => this.#turns.setInterested(member(), interested),
      asked: () => this.#turns.asked(member()),
    };
  }
}
