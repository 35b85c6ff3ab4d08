import { crossingMs } from '@sluice/engine';
import type { PieceMap, PieceRun } from '@sluice/protocol';
import type { DelayLine } from '../clock/delay-line.ts';
import type { FlowId, FlowOwner, PipeId } from '../network/flow-network.ts';
import { requestBytes } from './control-bytes.ts';
import type { HaveLog } from './have-log.ts';
import type { World } from './world.ts';

export type PeerClass = 'Lan' | 'Group' | 'Internet';

/** A device, honest or not, as the other end of a connection. */
export interface Node {
  readonly index: number;
  readonly peerId: string;
  readonly haves: HaveLog;
  readonly running: boolean;
  /** Whether it has everything, or says so. */
  readonly complete: boolean;
  routeTo(other: Node): Route;
  /** Whether a connection that this peer makes is taken. */
  accepts(peerId: string): boolean;
  /** What it says it has. */
  readonly shows: PieceMap;
  readonly sharesWork: boolean;
  /** How often its share of the work is halved. */
  readonly handicap: number;
  claims(): { runs: PieceRun[]; rate: number };
  connected(link: LinkEnd): void;
  closed(link: LinkEnd): void;
  onRequest(link: LinkEnd, piece: number): void;
  onInterest(link: LinkEnd, interested: boolean): void;
  onChoke(link: LinkEnd, choked: boolean): void;
  onClaim(link: LinkEnd, runs: PieceRun[], rate: number): void;
  onRelease(link: LinkEnd, runs: PieceRun[]): void;
  onShares(link: LinkEnd, sharesWork: boolean, handicap: number): void;
  /** A piece came. @param bytes that came of it since the last report */
  onPiece(link: LinkEnd, piece: number, good: boolean, bytes: number): void;
  /** Payload came, of use or not. */
  onPayload(link: LinkEnd, bytes: number): void;
  /** @param isAll the other end has got all that it asked for */
  onUploaded(link: LinkEnd, bytes: number, isAll: boolean): void;
}

/** What a link is made over. */
export interface Route {
  /** Of the device that sends on this end to that of the other: its way up, lines, the other's way down. */
  pipes: PipeId[];
  /** Bytes/s of one connection at most. */
  cap: number;
  /** One way, ms. */
  latencyMs: number;
  peerClass: PeerClass;
}

/**
 * One end of a connection: messages reach the other end after the latency, in order; what the other
 * end asks is served one piece after the other.
 */
export class LinkEnd implements FlowOwner {
  readonly node: Node;
  readonly route: Route;
  readonly incoming: boolean;
  other!: LinkEnd;
  /** What the other end has got: `other.node.haves`, looked at most of all. */
  news!: HaveLog;
  open = true;
  /** Number among the sources of the node's scheduler. */
  sourceId = 0;
  /** Whether the node lets the other end download. */
  serving = false;
  #chokedAt = Number.NEGATIVE_INFINITY;
  /** Bytes of the piece under way to the node that it was told of. */
  reported = 0;
  readonly connectedAt: number;
  readonly #world: World;
  readonly #line: DelayLine;
  /** What waits to be sent. */
  readonly #queue: { piece: number; good: boolean }[] = [];
  #flow: FlowId = -1;
  /** The piece under way, and whether it is what it should be. */
  #piece = -1;
  #good = true;
  /** The piece under way was cancelled: what comes of it is of no use. */
  #cut = false;

  constructor(world: World, node: Node, route: Route, incoming: boolean) {
    this.#world = world;
    this.node = node;
    this.route = route;
    this.incoming = incoming;
    this.connectedAt = world.timeline.now();
    this.#line = world.lines.of(route.latencyMs);
  }

  /** Connects `a`, which dialled, with `b`. */
  static connect(world: World, a: Node, b: Node, there: Route, back: Route): void {
    const [x, y] = [new LinkEnd(world, a, there, false), new LinkEnd(world, b, back, true)];
    x.other = y;
    y.other = x;
    x.news = b.haves;
    y.news = a.haves;
    world.control.connect(world.pieceCount);
    a.connected(x);
    b.connected(y);
    const [fromA, fromB] = [a.claims(), b.claims()];
    if (fromB.runs.length > 0) a.onClaim(x, fromB.runs, fromB.rate);
    if (fromA.runs.length > 0) b.onClaim(y, fromA.runs, fromA.rate);
  }

  /** Whether both ends are of one site. */
  get isNear(): boolean {
    return this.route.peerClass === 'Lan';
  }

  /** Whether anything is on its way to the other end. */
  get isSending(): boolean {
    return this.#flow >= 0;
  }

  /** Bytes of the piece under way to the other end that have come there. */
  get moved(): number {
    return this.#flow < 0 ? 0 : this.#world.network.moved(this.#flow);
  }

  /** Whether what comes here is of any interest. */
  get hears(): boolean {
    return this.open && this.node.running;
  }

  request(piece: number): void {
    this.#world.control.request(this.#world.pieceBytes);
    this.#send(messages.request, piece);
  }

  cancel(piece: number): void {
    this.#world.control.cancel();
    this.#send(messages.cancel, piece);
  }

  interest(interested: boolean): void {
    this.#world.control.turn();
    this.#send(messages.interest, interested);
  }

  claim(runs: PieceRun[], rate: number): void {
    this.#send(messages.claim, { runs, rate });
  }

  release(runs: PieceRun[]): void {
    this.#send(messages.release, runs);
  }

  /** Says hello again, as what this end does of the work has changed. */
  shares(sharesWork: boolean, handicap: number): void {
    this.#send(messages.shares, { sharesWork, handicap });
  }

  setServing(serving: boolean): void {
    this.serving = serving;
    if (!serving) {
      if (this.#queue.length > 0) this.#queue.length = 0;
      this.#chokedAt = this.#world.timeline.now();
    }
    this.#world.control.turn();
    this.#send(messages.choke, !serving);
  }

  /** Queues a piece for the other end. @returns whether it is served: a request that crossed a choke may be dropped */
  serve(piece: number, good: boolean): boolean {
    if (!this.open || !(this.serving || this.#mayHaveCrossed)) return false;
    if (this.#flow < 0) this.#start(piece, good);
    else this.#queue.push({ piece, good });
    return true;
  }

  get #mayHaveCrossed(): boolean {
    return this.isNear && this.#world.timeline.now() - this.#chokedAt <= crossingMs;
  }

  /** This end goes; the other learns of it after `noticeMs`. */
  close(noticeMs: number): void {
    this.open = false;
    this.#stop();
    this.other.#stop();
    this.#world.timeline.setTimer(noticeMs, () => {
      if (!this.other.open) return;
      this.other.open = false;
      if (this.other.node.running) this.other.node.closed(this.other);
    });
  }

  flowDone(flow: FlowId, spare: number): boolean {
    this.#deliver(this.#piece, this.#good);
    const head = this.#queue.shift();
    if (!head || !this.open || !this.other.open) {
      this.#flow = -1;
      this.#piece = -1;
      return false;
    }
    this.#begin(head.piece, head.good);
    this.#world.network.renew(flow, this.#world.pieceBytes, spare);
    return true;
  }

  #deliver(piece: number, good: boolean): void {
    const bytes = this.#world.network.moved(this.#flow);
    const { other } = this;
    this.node.onUploaded(this, bytes, this.#queue.length === 0);
    other.node.onPayload(other, bytes);
    const fresh = bytes - other.reported;
    other.reported = 0;
    if (!this.#cut && other.node.running) other.node.onPiece(other, piece, good, fresh);
  }

  #begin(piece: number, good: boolean): void {
    this.#piece = piece;
    this.#good = good;
    this.#cut = false;
  }

  #start(piece: number, good: boolean): void {
    if (!this.other.open) return;
    this.#begin(piece, good);
    const { pipes, cap } = this.route;
    this.#flow = this.#world.network.start(this, pipes, this.#world.pieceBytes, cap);
  }

  /** A piece that waits is not sent; of one under way the message that has begun comes to its end. */
  unserve(piece: number): void {
    const at = this.#queue.findIndex((q) => q.piece === piece);
    if (at >= 0) this.#queue.splice(at, 1);
    else if (this.#piece === piece && !this.#cut) {
      this.#cut = true;
      this.#world.network.shorten(this.#flow, requestBytes - (this.moved % requestBytes));
    }
  }

  #stop(): void {
    this.#queue.length = 0;
    if (this.#flow < 0) return;
    const bytes = this.#world.network.stop(this.#flow);
    this.node.onUploaded(this, bytes, false);
    this.other.node.onPayload(this.other, bytes);
    this.#flow = -1;
    this.#piece = -1;
  }

  #send<V>(message: (end: LinkEnd, value: V) => void, value: V): void {
    this.#line.after(this.#world.timeline.now(), message, this.other, value);
  }
}

/** What an end does with each message that reaches it. */
const messages = {
  request(end: LinkEnd, piece: number) {
    if (end.hears) end.node.onRequest(end, piece);
  },
  cancel(end: LinkEnd, piece: number) {
    if (end.hears) end.unserve(piece);
  },
  interest(end: LinkEnd, interested: boolean) {
    if (end.hears) end.node.onInterest(end, interested);
  },
  choke(end: LinkEnd, choked: boolean) {
    if (end.hears) end.node.onChoke(end, choked);
  },
  claim(end: LinkEnd, { runs, rate }: { runs: PieceRun[]; rate: number }) {
    if (end.hears) end.node.onClaim(end, runs, rate);
  },
  release(end: LinkEnd, runs: PieceRun[]) {
    if (end.hears) end.node.onRelease(end, runs);
  },
  shares(end: LinkEnd, { sharesWork, handicap }: { sharesWork: boolean; handicap: number }) {
    if (end.hears) end.node.onShares(end, sharesWork, handicap);
  },
};
