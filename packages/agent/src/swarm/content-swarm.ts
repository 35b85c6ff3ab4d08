import { Choker } from '@sluice/engine';
import {
  encodeHandshake,
  type Handshake,
  type Hello,
  type PeerEntry,
  type PeerId,
  type PieceRun,
  pieceCount,
  pieceLength,
  sluiceError,
} from '@sluice/protocol';
import { deadline } from '../clock/deadline.ts';
import { DialBook } from './dial-book.ts';
import { receiveHandshake } from './exchange-handshake.ts';
import { Member, type MemberEvents } from './member.ts';
import { classOfAddress, classOfEntry, type PeerClass } from './peer-class.ts';
import { PeerConnection } from './peer-connection.ts';
import type { SwarmContent, SwarmOptions, SwarmWatcher } from './swarm-options.ts';
import { connectTimeoutMs, SwarmSocket } from './swarm-socket.ts';
import { UploadQueue } from './upload-queue.ts';

const maxMembers = 50;
const uploadSlots = 16;
const uploadTurnMs = 10_000;
const chokerTickMs = 1_000;

/** Everybody connected for one content: finds, admits, serves and drops peers. */
export class ContentSwarm {
  readonly sent: Record<PeerClass, number> = { Lan: 0, LinkLocal: 0, Group: 0, Internet: 0 };
  readonly #options: SwarmOptions;
  readonly #members = new Map<PeerId, Member>();
  readonly #banned = new Set<PeerId>();
  readonly #dialBook: DialBook;
  readonly #choker = new Choker({ slots: uploadSlots, turnMs: uploadTurnMs });
  readonly #closing = new AbortController();
  #watcher: SwarmWatcher | undefined;
  #content: SwarmContent | undefined;
  #mayUseHttp = true;
  #stopTick: () => void = () => {};

  constructor(options: SwarmOptions) {
    this.#options = options;
    this.#dialBook = new DialBook(options.clock);
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
    const { connecting, greeting } = this.#dialBook;
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

  offer(peers: PeerEntry[]): void {
    for (const peer of peers) if (peer.PeerId !== this.#options.self) this.#dialBook.add(peer);
    this.#dial();
  }

  /** Adds a connection that came in and whose handshake named this swarm. */
  admit(socket: SwarmSocket, handshake: Handshake, rest: Uint8Array): void {
    this.#checkPeer(handshake);
    socket.write([this.#handshake()]);
    this.#addMember(socket, handshake, rest, true);
  }

  broadcastHave(piece: number): void {
    for (const m of this.#members.values()) m.connection.send({ type: 'have', piece });
  }

  broadcastClaim(kind: 'claim' | 'release', runs: PieceRun[], rate: number): void {
    for (const m of this.#members.values()) m.claim(kind, runs, rate);
  }

  ban(member: Member): void {
    this.#banned.add(member.connection.peerId);
    member.connection.destroy(sluiceError('PeerBanned', { peer: member.connection.label }));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#stopTick();
    for (const m of this.#members.values()) m.connection.destroy();
  }

  #tick(): void {
    this.#stopTick = this.#options.clock.setTimer(chokerTickMs, () => {
      this.#serveInTurn();
      this.#dial();
      this.#tick();
    });
  }

  #dial(): void {
    if (this.#closing.signal.aborted) return;
    const isWanted = (peer: PeerId) => !this.#members.has(peer) && !this.#banned.has(peer);
    for (const entry of this.#dialBook.take(maxMembers - this.#members.size, isWanted)) {
      this.#connectTo(entry)
        .then(() => this.#dialBook.done(entry.PeerId, true))
        .catch((error: unknown) => {
          this.#dialBook.done(entry.PeerId, false);
          this.#options.logger.debug({ peer: entry.Ip, err: error }, 'could not connect to peer');
        });
    }
  }

  async #connectTo(entry: PeerEntry): Promise<void> {
    using limit = deadline(this.#options.clock, connectTimeoutMs, this.#closing.signal);
    const socket = await SwarmSocket.dial(entry.Ip, entry.Port, limit.signal);
    try {
      this.#dialBook.reached(entry.PeerId);
      socket.write([this.#handshake()]);
      const { handshake, rest } = await receiveHandshake(socket, this.#options.clock);
      this.#checkPeer(handshake);
      this.#addMember(socket, handshake, rest, false);
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  #handshake(): Uint8Array {
    const { swarmHash, self } = this.#options;
    return encodeHandshake({
      contentLength: this.#content?.contentLength ?? 0,
      swarmHash,
      peerId: self,
    });
  }

  #checkPeer({ peerId, swarmHash }: Handshake): void {
    if (peerId === this.#options.self) throw sluiceError('PeerIsSelf');
    if (Buffer.compare(swarmHash, this.#options.swarmHash) !== 0) throw sluiceError('UnknownSwarm');
    if (this.#banned.has(peerId)) throw sluiceError('PeerBanned', { peer: peerId });
    if (this.#members.size >= maxMembers && !this.#members.has(peerId))
      throw sluiceError('PeerLimit');
  }

  #addMember(
    socket: SwarmSocket,
    { peerId }: Handshake,
    rest: Uint8Array,
    incoming: boolean,
  ): void {
    const old = this.#members.get(peerId);
    if (old && !this.#replaces(peerId, incoming, old)) {
      throw sluiceError('PeerAlreadyConnected', { peer: peerId });
    }
    old?.connection.destroy(sluiceError('PeerAlreadyConnected', { peer: peerId }));
    if (old) this.#remove(old);
    const member: Member = new Member({
      id: this.#options.nextSourceId(),
      peerClass: this.#classOf(peerId, socket.remoteAddress),
      connection: new PeerConnection({
        socket,
        peerId,
        incoming,
        pieceSize: () => this.#content?.pieceSize,
        clock: this.#options.clock,
        onMessage: (message) => member.onMessage(message),
        onClosed: () => this.#remove(member),
      }),
      events: this.#eventsOf(() => member),
    });
    this.#members.set(peerId, member);
    if (this.#content) this.#greetWithContent(member, this.#content);
    this.#watcher?.joined(member);
    member.sayHello(this.#hello());
    member.connection.start(rest);
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

  #classOf(peerId: PeerId, address: string): PeerClass {
    const entry = this.#dialBook.entry(peerId);
    return entry ? classOfEntry(entry.Type) : classOfAddress(address);
  }

  #hello(): Hello {
    const { listenPort } = this.#options;
    const mayUseHttp = this.#mayUseHttp;
    return { features: ['claim', 'phf'], mayUseHttp, listenPort: listenPort() };
  }

  #greetWithContent(member: Member, content: SwarmContent): void {
    const { entry, phf } = content;
    if (entry.pieces.count > 0) {
      member.connection.send({ type: 'bitfield', bits: entry.pieces.toBitfield() });
    }
    const uploads = new UploadQueue({
      buffers: this.#options.buffers,
      have: entry.pieces,
      pieceLength: (piece) => pieceLength(content, piece),
      read: (piece, offset, target) => entry.read(piece, offset, target),
      send: (header, bytes, done) => member.connection.sendPiece(header, bytes, done),
      onSent: (bytes) => {
        this.sent[member.peerClass] += bytes;
      },
      onFault: (error) => {
        this.#options.logger.warn({ err: error }, 'could not read a piece to upload');
        member.connection.destroy();
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
      interested: (interested) => {
        this.#choker.setInterested(member().id, interested);
        this.#serveInTurn();
      },
    };
  }

  #serveInTurn(): void {
    const { unchoke, choke } = this.#choker.decide(this.#options.clock.now());
    if (unchoke.length === 0 && choke.length === 0) return;
    for (const m of this.#members.values()) {
      if (choke.includes(m.id)) {
        m.served = false;
        m.uploads?.clear();
        m.connection.send({ type: 'choke' });
      } else if (unchoke.includes(m.id)) {
        m.served = true;
        m.connection.send({ type: 'unchoke' });
      }
    }
  }

  #remove(member: Member): void {
    if (this.#members.get(member.connection.peerId) !== member) return;
    this.#members.delete(member.connection.peerId);
    this.#choker.remove(member.id);
    member.uploads?.close();
    this.#watcher?.left(member);
  }
}
