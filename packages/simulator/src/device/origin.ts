import { PieceMap } from '@sluice/protocol';
import type { FlowId, FlowOwner, PipeId } from '../network/flow-network.ts';
import type { World } from './world.ts';

/** Who asks an origin for pieces. */
export interface Getter {
  /** From the origin's end of the line to the asker. */
  pipes: readonly PipeId[];
  /** To the first byte, ms. */
  latencyMs: number;
  /** @param bytes that came of it since they were last taken */
  onPiece(piece: number, bytes: number): void;
  /** After its last piece, its abort, or with `ok` false a failure. */
  onEnded(ok: boolean): void;
  onPayload(bytes: number): void;
}

export interface OriginOptions {
  /** What all its requests share, bytes/s. */
  rate: number;
  /** Bytes/s of one connection at most. */
  perConnection: number;
  /** Requests served at once; more wait. */
  maxConnections: number;
  /** It ignores ranges and can only stream everything from the start. */
  sequential: boolean;
}

/** Fetches what a cache node lacks; `done` tells whether it came. */
export type Fill = (piece: number, done: (ok: boolean) => void) => void;

/** An HTTP source, or with `fill` a cache node: what it lacks it fetches once, and serves it to all. */
export class Origin {
  readonly options: OriginOptions;
  readonly pipe: PipeId;
  /** Payload that left it, bytes. */
  served = 0;
  requests = 0;
  isDown = false;
  readonly #world: World;
  readonly #fill: Fill | undefined;
  #cached: PieceMap;
  readonly #filling = new Map<number, ((ok: boolean) => void)[]>();
  readonly #requests = new Set<OriginRequest>();
  readonly #waiting: OriginRequest[] = [];
  #serving = 0;

  constructor(world: World, options: OriginOptions, fill?: Fill) {
    this.#world = world;
    this.options = options;
    this.pipe = world.network.pipe(options.rate);
    this.#fill = fill;
    this.#cached = fill ? new PieceMap(world.pieceCount) : PieceMap.full(world.pieceCount);
  }

  /** Everything fails from now on, until `recover`. */
  fail(): void {
    this.isDown = true;
    for (const request of [...this.#requests]) request.end(false);
  }

  /** @param empty a cache node that comes back with nothing */
  recover(empty = false): void {
    this.isDown = false;
    if (empty && this.#fill) this.#cached = new PieceMap(this.#world.pieceCount);
  }

  /** Streams the pieces in order. */
  get(pieces: number[], getter: Getter): OriginRequest {
    this.requests++;
    const request = new OriginRequest(this.#world, this, pieces, getter);
    this.#requests.add(request);
    this.#world.timeline.setTimer(getter.latencyMs, () => this.#admit(request));
    return request;
  }

  /** Calls `use` when the piece is here; at once for a source. */
  whenThere(piece: number, use: (ok: boolean) => void): void {
    if (this.#cached.has(piece)) {
      use(true);
      return;
    }
    const waiting = this.#filling.get(piece);
    if (waiting) {
      waiting.push(use);
      return;
    }
    const askers = [use];
    this.#filling.set(piece, askers);
    this.#fill!(piece, (ok) => {
      this.#filling.delete(piece);
      if (ok && !this.isDown) this.#cached.set(piece);
      for (const ask of askers) ask(ok && !this.isDown);
    });
  }

  /** A request is over: the next one that waits has its turn. */
  left(request: OriginRequest): void {
    if (!this.#requests.delete(request)) return;
    if (!request.admitted) {
      const at = this.#waiting.indexOf(request);
      if (at >= 0) this.#waiting.splice(at, 1);
      return;
    }
    this.#serving--;
    const next = this.#waiting.shift();
    if (next) this.#serve(next);
  }

  #admit(request: OriginRequest): void {
    if (!this.#requests.has(request)) return;
    if (this.isDown) request.end(false);
    else if (this.#serving < this.options.maxConnections) this.#serve(request);
    else this.#waiting.push(request);
  }

  #serve(request: OriginRequest): void {
    this.#serving++;
    request.begin();
  }
}

/** One request to an origin. */
export class OriginRequest implements FlowOwner {
  admitted = false;
  /** The cache node fetches the piece: it streams to those who wait as bytes come, so they hear of it. */
  isFilling = false;
  /** Bytes of the piece under way that the asker was told of. */
  reported = 0;
  readonly #world: World;
  readonly #origin: Origin;
  readonly #pieces: number[];
  readonly #getter: Getter;
  #k = 0;
  #flow: FlowId = -1;
  #over = false;

  constructor(world: World, origin: Origin, pieces: number[], getter: Getter) {
    this.#world = world;
    this.#origin = origin;
    this.#pieces = pieces;
    this.#getter = getter;
  }

  /** Bytes of the piece under way. */
  get moved(): number {
    return this.#flow < 0 ? 0 : this.#world.network.moved(this.#flow);
  }

  begin(): void {
    this.admitted = true;
    this.#next();
  }

  end(ok: boolean): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#flow >= 0) this.#count(this.#world.network.stop(this.#flow));
    this.#flow = -1;
    this.#origin.left(this);
    this.#getter.onEnded(ok);
  }

  flowDone(flow: FlowId, spare: number): boolean {
    const bytes = this.#world.network.moved(flow);
    this.#count(bytes);
    const fresh = bytes - this.reported;
    this.reported = 0;
    this.#getter.onPiece(this.#pieces[this.#k]!, fresh);
    this.#k++;
    // Told apart from `#next`, which starts a flow of its own.
    let renewed = false;
    let answered = false;
    const piece = this.#pieces[this.#k];
    if (piece !== undefined && !this.#over) {
      this.#origin.whenThere(piece, (ok) => {
        if (answered) this.#onThere(ok);
        else renewed = ok;
      });
      answered = true;
      this.isFilling = !renewed;
    }
    if (renewed) {
      this.#world.network.renew(flow, this.#world.pieceBytes, spare);
      return true;
    }
    this.#flow = -1;
    if (piece === undefined) this.end(true);
    return false;
  }

  #next(): void {
    this.isFilling = true;
    this.#origin.whenThere(this.#pieces[this.#k]!, (ok) => this.#onThere(ok));
  }

  #onThere(ok: boolean): void {
    this.isFilling = false;
    if (this.#over) return;
    if (!ok) {
      this.end(false);
      return;
    }
    const { network, pieceBytes } = this.#world;
    const pipes = [this.#origin.pipe, ...this.#getter.pipes];
    this.#flow = network.start(this, pipes, pieceBytes, this.#origin.options.perConnection);
  }

  #count(bytes: number): void {
    this.#origin.served += bytes;
    this.#getter.onPayload(bytes);
  }
}
