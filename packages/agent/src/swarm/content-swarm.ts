import {
  encodeHandshake,
  encodeMessage,
  type Handshake,
  type Hello,
  type PeerEntry,
  type PeerId,
  type PieceRun,
  pieceCount,
  pieceLength,
  sluiceError,
} from '@sluice/protocol';
import { Dialler } from './dialler.ts';
import { Member, type MemberEvents } from './member.ts';
import { type PeerClass, peerClassOf } from './peer-class.ts';
import { PeerConnection } from './peer-connection.ts';
import type { SwarmContent, SwarmOptions, SwarmWatcher } from './swarm-options.ts';
import type { SwarmSocket } from './swarm-socket.ts';
import { UploadQueue } from './upload-queue.ts';
import { UploadTurns } from './upload-turns.ts';

const maxMembers = 50;
/** The rest is for those we choose ourselves. */
const maxIncoming = 40;
const tickMs = 1_000;

/** Everybody connected for one content: finds, admits, serves and drops peers. */
export class ContentSwarm {
  readonly sent: Record<PeerClass, number> = { Lan: 0, LinkLocal: 0, Group: 0, Internet: 0 };
  readonly #options: SwarmOptions;
  readonly #members = new Map<PeerId, Member>();
  readonly #banned = new Set<PeerId>();
  readonly #dialler: Dialler;
  readonly #turns: UploadTurns;
  #watcher: SwarmWatcher | undefined;
  #content: SwarmContent | undefined;
  #mayUseHttp = true;
  #stopTick: () => void = () => {};
  #closed = false;

  constructor(options: SwarmOptions) {
    this.#options = options;
    const { clock, logger } = options;
    this.#turns = new UploadTurns(clock, () => this.#members.values());
    this.#dialler = new Dialler({
      clock,
      logger,
      handshake: () => this.#handshake(),
      room: () => maxMembers - this.#members.size,
      isWanted: (entry) => this.#isWanted(entry),
      connected: (socket, handshake, rest) => {
        this.#check(handshake, false);
        this.#addMember(socket, handshake, rest, false);
      },
    });
    this.#tick();
  }

  get members(): IterableIterator<Member> {
    return this.#members.values();
  }

  get bannedCount(): number {
    return this.#banned.size;
  }

  /** How far we are with those we know of. */
  get acquaintance(): { connecting: number; greeting: number } {
    const strangers = [...this.#members.values()].filter((m) => !m.acquainted).length;
    const { connecting, greeting } = this.#dialler.book;
    return { connecting, greeting: greeting + strangers };
  }

  /** The download that hears of the members; told of those there are already. */
  watch(watcher: SwarmWatcher | undefined): void {
    this.#watcher = watcher;
    if (!watcher) return;
    for (const m of this.#members.values()) {
      watcher.joined(m);
      // Claims told before there was anybody to hear them are told again in the answer.
      m.sayHello(this.#hello());
    }
  }

  /** The hash list is known: pieces can be served and asked for from now on. */
  setContent(content: SwarmContent): void {
    this.#content = content;
    for (const m of this.#members.values()) {
      try {
        this.#greetWithContent(m, content);
      } catch (error) {
        m.connection.destroy(error as Error);
      }
    }
  }

  /** Whether this device can fetch from HTTP, and so be responsible for pieces; peers are told. */
  setMayUseHttp(may: boolean): void {
    if (may === this.#mayUseHttp) return;
    this.#mayUseHttp = may;
    for (const m of this.#members.values()) m.sayHello(this.#hello());
  }

  /** Peers there are, as the array tells; those of use are connected to. */
  offer(peers: PeerEntry[]): void {
    for (const peer of peers) if (peer.PeerId !== this.#options.self) this.#dialler.book.add(peer);
    this.#dialler.dial();
  }

  /**
   * Adds a connection that came in and whose handshake named this swarm.
   * @throws PeerIsSelf, UnknownSwarm, PeerBanned, PeerAlreadyConnected, PeerLimit: it is to be dropped.
   */
  admit(socket: SwarmSocket, handshake: Handshake, rest: Uint8Array): void {
    this.#check(handshake, true);
    socket.write([this.#handshake()]);
    this.#addMember(socket, handshake, rest, true);
  }

  broadcastHave(piece: number): void {
    const have = encodeMessage({ type: 'have', piece });
    for (const m of this.#members.values()) m.connection.sendBytes(have);
  }

  broadcastClaim(kind: 'claim' | 'release', runs: PieceRun[], rate: number): void {
    for (const m of this.#members.values()) m.claim(kind, runs, rate);
  }

  ban(member: Member): void {
    this.#banned.add(member.connection.peerId);
    member.connection.destroy(sluiceError('PeerBanned', { peer: member.connection.label }));
  }

  /** Drops everybody; resolves when no socket is left. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopTick();
    await this.#dialler.close();
    await Promise.all([...this.#members.values()].map((m) => m.connection.close()));
  }

  #tick(): void {
    this.#stopTick = this.#options.clock.setTimer(tickMs, () => {
      this.#turns.next();
      for (const m of this.#members.values()) m.uploads?.checkStall();
      if (this.#isSeed) this.#dropSeeds();
      this.#dialler.dial();
      this.#tick();
    });
  }

  get #isSeed(): boolean {
    return this.#content?.entry.pieces.complete === true;
  }

  /** Who has everything is of no use to who has everything: the places are for others. */
  #dropSeeds(): void {
    for (const m of this.#members.values()) {
      if (!m.isSeed) continue;
      this.#dialler.book.isSeed(m.connection.peerId);
      m.connection.destroy();
    }
  }

  #isWanted({ PeerId, Left }: PeerEntry): boolean {
    if (this.#members.has(PeerId) || this.#banned.has(PeerId)) return false;
    return Left > 0 || !this.#isSeed;
  }

  #handshake(): Uint8Array {
    const { swarmHash, self: peerId } = this.#options;
    const contentLength = this.#content?.contentLength ?? 0;
    return encodeHandshake({ contentLength, swarmHash, peerId });
  }

  #check({ peerId, swarmHash }: Handshake, incoming: boolean): void {
    const { self } = this.#options;
    if (peerId === self) throw sluiceError('PeerIsSelf');
    const isOurs = Buffer.compare(swarmHash, this.#options.swarmHash) === 0;
    if (!isOurs || this.#closed) throw sluiceError('UnknownSwarm');
    if (this.#banned.has(peerId)) throw sluiceError('PeerBanned', { peer: peerId });
    const old = this.#members.get(peerId);
    if (!old) this.#checkRoom(incoming);
    else if (!this.#replaces(peerId, incoming, old)) {
      // Should the old connection be dead, as after a power cut there, this is how it shows.
      old.connection.send({ type: 'keepAlive' });
      throw sluiceError('PeerAlreadyConnected', { peer: peerId });
    }
  }

  #checkRoom(incoming: boolean): void {
    let came = 0;
    for (const m of this.#members.values()) if (m.connection.incoming) came++;
    if (this.#members.size >= maxMembers || (incoming && came >= maxIncoming)) {
      throw sluiceError('PeerLimit');
    }
  }

  /**
   * Two devices that dial each other at the same moment must drop the same one of the two connections:
   * the one made by the lower peer id.
   */
  #replaces(peerId: PeerId, incoming: boolean, old: Member): boolean {
    if (incoming === old.connection.incoming) return false;
    const theirsWins = peerId > this.#options.self;
    return incoming === theirsWins;
  }

  #addMember(socket: SwarmSocket, handshake: Handshake, rest: Uint8Array, incoming: boolean): void {
    const { peerId } = handshake;
    const old = this.#members.get(peerId);
    if (old) {
      old.connection.destroy(sluiceError('PeerAlreadyConnected', { peer: peerId }));
      this.#remove(old);
    }
    const connection = new PeerConnection({
      socket,
      peerId,
      incoming,
      geometry: () => this.#content,
      clock: this.#options.clock,
      onMessage: (message) => member.onMessage(message),
      onClosed: () => this.#remove(member),
    });
    const member: Member = new Member({
      id: this.#options.nextSourceId(),
      peerClass: peerClassOf(this.#dialler.book.entry(peerId), socket.remoteAddress),
      connection,
      events: this.#eventsOf(() => member),
    });
    this.#members.set(peerId, member);
    this.#dialler.book.joined(peerId);
    if (this.#content) this.#greetWithContent(member, this.#content);
    this.#watcher?.joined(member);
    member.sayHello(this.#hello());
    connection.start(rest);
  }

  #hello(): Hello {
    const { listenPort } = this.#options;
    const mayUseHttp = this.#mayUseHttp;
    return { features: ['claim', 'phf'], mayUseHttp, listenPort: listenPort() };
  }

  #greetWithContent(member: Member, content: SwarmContent): void {
    const { entry, phf } = content;
    const { connection } = member;
    if (entry.pieces.count > 0) {
      connection.send({ type: 'bitfield', bits: entry.pieces.toBitfield() });
    }
    const peer = connection.label;
    const uploads = new UploadQueue({
      buffers: this.#options.buffers,
      have: entry.pieces,
      clock: this.#options.clock,
      throttle: this.#options.uploads?.(member.peerClass),
      pieceLength: (piece) => pieceLength(content, piece),
      read: (piece, offset, target) => entry.read(piece, offset, target),
      send: (part, done) => connection.sendPart(part, done),
      onSent: (bytes) => {
        this.sent[member.peerClass] += bytes;
      },
      onStalled: () => connection.destroy(sluiceError('PeerNotReading', { peer })),
      onFault: (error) => {
        this.#options.logger.warn({ err: error }, 'could not read a piece to upload');
        connection.destroy();
      },
    });
    member.setContent(pieceCount(content), phf, uploads);
  }

  #eventsOf(member: () => Member): MemberEvents {
    return {
      hello: (hello) => {
        this.#watcher?.hello(member(), hello);
        member().answerHello();
      },
      has: (piece) => this.#watcher?.has(member(), piece),
      choked: (choked) => this.#watcher?.choked(member(), choked),
      claimed: (runs, rate) => this.#watcher?.claimed(member(), runs, rate),
      released: (runs) => this.#watcher?.released(member(), runs),
      phf: (data) => this.#watcher?.phf(member(), data),
      interested: (interested) => this.#turns.setInterested(member(), interested),
    };
  }

  #remove(member: Member): void {
    const { peerId } = member.connection;
    member.uploads?.close();
    if (this.#members.get(peerId) !== member) return;
    this.#members.delete(peerId);
    this.#dialler.book.lost(peerId);
    this.#turns.remove(member);
    this.#watcher?.left(member);
  }
}
