import { crossingMs, TokenBucket } from '@sluice/engine';
import {
  decodeClaim,
  decodeHello,
  decodePhfData,
  decodePhfRequest,
  ExtensionId,
  encodeClaim,
  encodeHello,
  type Hello,
  maxPieces,
  type PhfData,
  PieceMap,
  type PieceRun,
  type SwarmMessage,
  sluiceError,
} from '@sluice/protocol';
import { isOnSite, type PeerClass } from './peer-class.ts';
import type { PeerConnection } from './peer-connection.ts';
import { PeerTraffic } from './peer-traffic.ts';
import { PhfSender } from './phf-sender.ts';
import type { UploadQueue } from './upload-queue.ts';

/** Hellos of one peer: so many at once, and in the long run so many a second. A device changes what it says every few seconds. */
const maxHellos = 60;
const helloRate = 1;

/** What a member tells the swarm. */
export interface MemberEvents {
  hello(hello: Hello): void;
  /** It has answered all our hellos. */
  answered(): void;
  has(piece: number): void;
  choked(choked: boolean): void;
  interested(interested: boolean): void;
  /** It asks for a block, and is served. */
  asked(): void;
  claimed(runs: PieceRun[], rate: number): void;
  released(runs: PieceRun[]): void;
  phf(data: PhfData): void;
  /** The body of a peers message. May throw to drop the peer. */
  peers(body: Uint8Array): void;
}

/** One connected peer of a content: what it has and said, and what we send it. */
export class Member {
  /** Unique among the sources of this process. */
  readonly id: number;
  readonly connection: PeerConnection;
  #peerClass: PeerClass;
  readonly events: MemberEvents;
  /** The key by which it has proved that it is of our tenant, where that is asked. */
  readonly provenBy: string | undefined;
  hello: Hello | undefined;
  choked = true;
  /** Whether we serve it: it was unchoked. */
  served = false;
  /** When it was last choked because its turn was over. */
  turnEndedAt = Number.NEGATIVE_INFINITY;
  /** Whether it hears of every piece that we have. */
  toldPieces = false;
  /** What our last hello said to it. */
  toldMayUseHttp: boolean | undefined;
  /** Hellos that it may still say. */
  readonly #hellos: TokenBucket;
  /** Hellos of ours that the peer has not answered. */
  #unanswered = 0;
  uploads: UploadQueue | undefined;
  readonly traffic: PeerTraffic;
  #has: PieceMap | undefined;
  /** What it said before the number of pieces was known. */
  #early: { bits: Uint8Array | undefined; haves: PieceMap | undefined } | undefined;
  readonly #phf: PhfSender;

  constructor(options: {
    id: number;
    connection: PeerConnection;
    peerClass: PeerClass;
    events: MemberEvents;
    provenBy?: string | undefined;
  }) {
    this.id = options.id;
    this.connection = options.connection;
    this.#peerClass = options.peerClass;
    this.events = options.events;
    this.provenBy = options.provenBy;
    const { connection } = options;
    this.#hellos = new TokenBucket(helloRate, maxHellos, connection.clock.now());
    this.#phf = new PhfSender(connection);
    this.traffic = new PeerTraffic(connection.clock, () => connection.received);
  }

  get peerClass(): PeerClass {
    return this.#peerClass;
  }

  /** It turns out to be elsewhere: what was begun with it as another class ends. */
  moveTo(peerClass: PeerClass): void {
    this.#peerClass = peerClass;
    this.uploads?.close();
    if (!this.served) return;
    this.served = false;
    this.connection.send({ type: 'choke' });
  }

  /**
   * Whether each knows the other: it has said hello, and it has answered ours, so that whatever it
   * claims from now on takes us into account and whatever it claimed before has been told.
   */
  get acquainted(): boolean {
    if (this.hello === undefined) return false;
    return this.#unanswered === 0 || !this.hello.features.includes('claim');
  }

  /** What it has; empty while the number of pieces is not known. */
  get has(): PieceMap {
    return this.#has ?? new PieceMap(0);
  }

  /** Whether it is known to have all pieces. */
  get isSeed(): boolean {
    return this.#has?.complete === true;
  }

  /**
   * The number of pieces is known now, and the hash list can be given to the peer.
   * @throws InvalidMessage when what it said before does not fit.
   */
  setContent(pieceCount: number, phf: Uint8Array, uploads: UploadQueue): void {
    this.#phf.phf = phf;
    this.uploads = uploads;
    if (this.#has) return;
    const { bits, haves } = this.#early ?? {};
    this.#early = undefined;
    this.#has = bits ? PieceMap.fromBitfield(bits, pieceCount) : new PieceMap(pieceCount);
    for (let p = haves?.nextSet(0) ?? -1; p >= 0; p = haves!.nextSet(p + 1)) {
      this.#gotPiece(p, this.#has);
    }
  }

  /** To be called every second: drops it when it takes nothing, keeps its rates, sends what was left for later. */
  tick(): void {
    this.connection.flush();
    this.uploads?.checkStall();
    this.traffic.mark();
  }

  /** Introduces this device (again); a peer that claims answers with its claims and an empty one. */
  sayHello(hello: Hello): void {
    this.#unanswered++;
    this.toldMayUseHttp = hello.mayUseHttp;
    const body = encodeHello(hello);
    this.connection.send({ type: 'extension', id: ExtensionId.hello, body });
  }

  /** Answers the peer's hello, after all claims were told. */
  answerHello(): void {
    this.claim('claim', [], 0);
  }

  /** Tells the peer which pieces this device fetches (no longer) from outside the swarm. */
  claim(kind: 'claim' | 'release', runs: PieceRun[], rate: number): void {
    this.connection.send({
      type: 'extension',
      id: ExtensionId[kind],
      body: encodeClaim({ rate, runs }),
    });
  }

  /** @throws InvalidMessage: the peer is to be dropped. */
  onMessage(message: SwarmMessage): void {
    switch (message.type) {
      case 'choke':
      case 'unchoke':
        this.choked = message.type === 'choke';
        this.events.choked(this.choked);
        break;
      case 'interested':
      case 'notInterested':
        this.events.interested(message.type === 'interested');
        break;
      case 'have':
        this.#onHave(message.piece);
        break;
      case 'bitfield':
        this.#onBitfield(message.bits);
        break;
      case 'request':
        if (!this.#isHeard) break;
        this.events.asked();
        this.uploads?.request(message);
        break;
      case 'cancel':
        this.uploads?.cancel(message);
        break;
      case 'extension':
        this.#onExtension(message.id, message.body);
        break;
    }
  }

  /**
   * Whether what it asks is served. A request that crossed our choke on the wire is dropped, as BitTorrent has it; not
   * one from this site, where a turn is a piece and chokes are many: the peer could not tell, and would wait for it.
   */
  get #isHeard(): boolean {
    if (this.served) return true;
    return isOnSite(this.peerClass) && this.connection.clock.now() - this.turnEndedAt <= crossingMs;
  }

  #onHave(piece: number): void {
    if (!this.#has) {
      this.#early ??= { bits: undefined, haves: undefined };
      this.#early.haves ??= new PieceMap(maxPieces);
      this.#gotPiece(piece, this.#early.haves);
    } else if (this.#gotPiece(piece, this.#has)) {
      this.events.has(piece);
    }
  }

  #onBitfield(bits: Uint8Array): void {
    if (!this.#has) {
      if (bits.length > maxPieces / 8) {
        throw sluiceError('InvalidMessage', { detail: `bitfield of ${bits.length} bytes` });
      }
      this.#early ??= { bits: undefined, haves: undefined };
      this.#early.bits = bits.slice();
      return;
    }
    const told = PieceMap.fromBitfield(bits, this.#has.length);
    for (let p = told.nextSet(0); p >= 0; p = told.nextSet(p + 1)) {
      if (this.#has.set(p)) this.events.has(p);
    }
  }

  #gotPiece(piece: number, has: PieceMap): boolean {
    if (piece >= has.length) {
      throw sluiceError('InvalidMessage', { detail: `have ${piece} of ${has.length}` });
    }
    return has.set(piece);
  }

  #onExtension(id: number, body: Uint8Array): void {
    if (id === ExtensionId.hello) {
      this.#onHello(decodeHello(body));
    } else if (id === ExtensionId.phfRequest) {
      this.#phf.send(decodePhfRequest(body).offset);
    } else if (id === ExtensionId.phfData) {
      this.events.phf(decodePhfData(body));
    } else if (id === ExtensionId.peers) {
      this.events.peers(body);
    } else if (id === ExtensionId.claim || id === ExtensionId.release) {
      const { runs, rate } = decodeClaim(body, this.#has?.length);
      if (runs.length === 0) this.#onAnswer();
      else if (!this.#has) return;
      else if (id === ExtensionId.claim) this.events.claimed(runs, rate);
      else this.events.released(runs);
    }
  }

  /** At the point of danger: a hello of a hundred bytes may change who fetches what of a whole content. */
  #onHello(hello: Hello): void {
    if (!this.#hellos.tryTake(1, this.connection.clock.now())) {
      throw sluiceError('InvalidMessage', { detail: 'hello again and again' });
    }
    this.hello = hello;
    this.events.hello(hello);
  }

  #onAnswer(): void {
    this.#unanswered = Math.max(0, this.#unanswered - 1);
    if (this.#unanswered === 0) this.events.answered();
  }
}
