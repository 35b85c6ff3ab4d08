import type { PieceMap, PieceRun, Timeline } from '@sluice/protocol';
import type { Flow, FlowNetwork, Pipe } from './flow-network.test-kit.ts';

/** What one end tells the other; the agent's messages without their bytes. */
export type Message =
  | { type: 'have'; piece: number }
  | { type: 'interest'; interested: boolean }
  | { type: 'choke'; choked: boolean }
  | { type: 'claim'; runs: PieceRun[]; rate: number }
  | { type: 'handicap'; sharesWork: true; handicap: number }
  | { type: 'release'; runs: PieceRun[] }
  | { type: 'request'; piece: number }
  | { type: 'cancel'; piece: number }
  | { type: 'piece'; piece: number; good: boolean };

/** What both sides know of each other once connected: bitfield, hello, claims under way. */
export interface Hello {
  peerId: string;
  has: PieceMap;
  sharesWork: boolean;
  handicap: number;
  claims: PieceRun[];
  rate: number;
}

/** A device, honest or not, as the other end of a connection. */
export interface Node {
  readonly up: Pipe;
  readonly down: Pipe;
  readonly running: boolean;
  hello(): Hello;
  connected(link: Link, hello: Hello): void;
  receive(link: Link, message: Message): void;
  /** Payload bytes came. */
  received(link: Link, bytes: number): void;
  closed(link: Link): void;
}

export interface Wires {
  timeline: Timeline;
  network: FlowNetwork;
  pieceSize: number;
  /** One way between devices, ms. */
  latencyMs: number;
}

/**
 * One end of a connection: sends messages after the latency, in order, and serves what the other
 * end asks, one piece after the other. A piece that has begun is sent to its end, whatever comes:
 * it is one message on the wire.
 */
export class Link {
  readonly node: Node;
  other!: Link;
  open = true;
  /** Whether this end lets the other download. */
  serving = false;
  readonly #wires: Wires;
  readonly #queue: { piece: number; good: boolean }[] = [];
  #flow: Flow | undefined;

  constructor(wires: Wires, node: Node) {
    this.#wires = wires;
    this.node = node;
  }

  static connect(wires: Wires, a: Node, b: Node): void {
    const [x, y] = [new Link(wires, a), new Link(wires, b)];
    x.other = y;
    y.other = x;
    const [fromA, fromB] = [a.hello(), b.hello()];
    a.connected(x, fromB);
    b.connected(y, fromA);
  }

  send(message: Message): void {
    this.#wires.timeline.setTimer(this.#wires.latencyMs, () => {
      if (this.other.open && this.other.node.running) this.other.node.receive(this.other, message);
    });
  }

  setServing(serving: boolean): void {
    this.serving = serving;
    if (!serving) this.#queue.length = 0;
    this.send({ type: 'choke', choked: !serving });
  }

  /** Queues a piece for the other end. */
  serve(piece: number, good = true): void {
    if (!this.serving) return;
    this.#queue.push({ piece, good });
    this.#next();
  }

  unserve(piece: number): void {
    const at = this.#queue.findIndex((q) => q.piece === piece);
    if (at >= 0) this.#queue.splice(at, 1);
  }

  /** This end goes; the other learns of it after `noticeMs`. */
  close(noticeMs: number): void {
    this.open = false;
    this.#stop();
    this.other.#stop();
    this.#wires.timeline.setTimer(noticeMs, () => {
      if (!this.other.open) return;
      this.other.open = false;
      if (this.other.node.running) this.other.node.closed(this.other);
    });
  }

  #stop(): void {
    if (this.#flow) this.#wires.network.stop(this.#flow);
    this.#flow = undefined;
    this.#queue.length = 0;
  }

  #next(): void {
    if (this.#flow || !this.open || !this.other.open) return;
    const head = this.#queue.shift();
    if (!head) return;
    const to = this.other.node;
    this.#flow = this.#wires.network.start(
      [this.node.up, to.down],
      this.#wires.pieceSize,
      (bytes) => to.received(this.other, bytes),
      () => {
        this.#flow = undefined;
        if (to.running) to.receive(this.other, { type: 'piece', ...head });
        this.#next();
      },
    );
  }
}
