import {
  type ByteRange,
  type Clock,
  encodeMessage,
  FrameReader,
  type PeerId,
  type SwarmMessage,
  sluiceError,
} from '@sluice/protocol';
import type { RunSink, Source, SourceFacts } from '../source/index.ts';
import { PeerFetch } from './peer-fetch.ts';
import type { Receiver, SwarmSocket } from './swarm-socket.ts';

/** A connection that has nothing to say still says so this often… */
const keepAliveMs = 60_000;
/** …and one from which nothing came for so long is over. */
const silenceMs = 150_000;
/** How long the socket may hold the buffer of a fetch that was given up. */
const abandonMs = 1_000;

export interface PeerConnectionOptions {
  socket: SwarmSocket;
  peerId: PeerId;
  /** Whether the other side made the connection. */
  incoming: boolean;
  /** Bytes; undefined until the hash list is known: no piece can be asked for then. */
  pieceSize: () => number | undefined;
  clock: Clock;
  /** Everything but the content of pieces that were asked for. May throw to drop the peer. */
  onMessage: (message: SwarmMessage) => void;
  onClosed: (error: unknown) => void;
}

/** One peer, connected and past the handshake: takes and sends messages, and is a source of pieces. */
export class PeerConnection implements Source, Receiver {
  readonly kind = 'peer';
  readonly peerId: PeerId;
  readonly incoming: boolean;
  readonly #options: PeerConnectionOptions;
  readonly #socket: SwarmSocket;
  readonly #reader: FrameReader;
  readonly #fetches = new Map<number, PeerFetch>();
  /** The fetch whose block is coming in; undefined while a block nobody wants is coming in. */
  #current: PeerFetch | undefined;
  /** The fetch into whose buffer the socket will read next: its buffer must not go elsewhere. */
  #armed: PeerFetch | undefined;
  /** Content for which there was no buffer. */
  #overflow: { fetch: PeerFetch; bytes: Uint8Array }[] = [];
  /** Pieces given up whose blocks may still come. */
  readonly #abandoned = new Set<number>();
  #lastHeard: number;
  #stopKeepAlive: () => void = () => {};
  #closed = false;

  constructor(options: PeerConnectionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.peerId = options.peerId;
    this.incoming = options.incoming;
    this.#lastHeard = options.clock.now();
    this.#reader = new FrameReader({
      onMessage: (m) => options.onMessage(m),
      onPieceStart: (piece, offset, length) => this.#onPieceStart(piece, offset, length),
      onPieceData: (view) => this.#onPieceData(view),
      onPieceEnd: () => {
        this.#current = undefined;
      },
    });
  }

  get label(): string {
    return this.address;
  }

  get address(): string {
    return this.#socket.remoteAddress;
  }

  get port(): number {
    return this.#socket.remotePort;
  }

  get activeConnections(): number {
    return this.#closed ? 0 : 1;
  }

  /** Starts to take messages; `rest` is what came behind the handshake. */
  start(rest: Uint8Array): void {
    this.#scheduleKeepAlive();
    this.#socket.setReceiver(this);
    if (rest.length === 0 || this.take(rest)) this.#socket.resume();
  }

  send(message: SwarmMessage): void {
    this.#socket.write([encodeMessage(message)]);
  }

  /** Sends a piece's header and content in one write; `done` tells when `content` may be reused. */
  sendPiece(header: Uint8Array, content: Uint8Array, done: () => void): void {
    this.#socket.write([header, content], done);
  }

  /** Connected already; what the content is was told by the hash list. */
  async open(): Promise<SourceFacts> {
    return { contentLength: undefined, ranges: true, validator: undefined };
  }

  /** @param range within one piece. @throws PeerLost, Cancelled. */
  async fetch(range: ByteRange, sink: RunSink, signal: AbortSignal): Promise<void> {
    const pieceSize = this.#options.pieceSize();
    if (pieceSize === undefined || this.#closed) throw this.#lost('not connected');
    signal.throwIfAborted();
    const piece = Math.floor(range.start / pieceSize);
    const base = piece * pieceSize;
    if (range.end > base + pieceSize || this.#fetches.has(piece)) {
      throw sluiceError('Internal', { detail: `fetch of bytes ${range.start}-${range.end}` });
    }
    const fetch = new PeerFetch(piece, { start: range.start - base, end: range.end - base }, sink);
    this.#fetches.set(piece, fetch);
    this.#abandoned.delete(piece);
    const onAbort = () => this.#abandon(fetch);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      for (const block of fetch.blocks()) this.send({ type: 'request', ...block });
      await fetch.done;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#fetches.delete(piece);
      if (fetch.abandoned) this.#abandoned.add(piece);
    }
  }

  async close(): Promise<void> {
    this.destroy();
  }

  /** @param reason is told to `onClosed`. */
  destroy(reason?: Error): void {
    this.#socket.destroy(reason);
  }

  // Receiver

  target(): Uint8Array | undefined {
    const fetch = this.#current;
    if (!fetch || fetch.abandoned || this.#overflow.length > 0) return undefined;
    const left = this.#reader.pieceBytesLeft;
    const space = left > 0 ? fetch.sink.space() : undefined;
    if (!space) return undefined;
    this.#armed = fetch;
    return space.length > left ? space.subarray(0, left) : space;
  }

  placed(n: number): void {
    const fetch = this.#armed;
    this.#armed = undefined;
    this.#lastHeard = this.#options.clock.now();
    // The reader first: it ends the block, so that what `filled` sets off finds us between blocks.
    this.#reader.skipPieceData(n);
    if (fetch?.abandoned) fetch.abandon();
    else fetch?.filled(n);
  }

  take(chunk: Uint8Array): boolean {
    this.#lastHeard = this.#options.clock.now();
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.destroy(error as Error);
      return false;
    }
    if (this.#overflow.length === 0) return true;
    this.#waitForSpace();
    return false;
  }

  closed(error: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopKeepAlive();
    this.#armed = undefined;
    this.#overflow = [];
    const reason = error ?? this.#lost('closed');
    for (const fetch of this.#fetches.values()) fetch.fail(reason);
    this.#options.onClosed(reason);
  }

  #onPieceStart(piece: number, offset: number, length: number): void {
    const fetch = this.#fetches.get(piece);
    if (fetch && !fetch.abandoned) {
      if (!fetch.expects(offset, length)) {
        throw sluiceError('InvalidMessage', { detail: 'a block that was not asked for' });
      }
      this.#current = fetch;
    } else if (fetch?.abandoned || this.#abandoned.has(piece)) {
      this.#current = undefined;
    } else {
      throw sluiceError('InvalidMessage', { detail: `piece ${piece} was not asked for` });
    }
  }

  #onPieceData(view: Uint8Array): void {
    const fetch = this.#current;
    if (!fetch || fetch.abandoned) return;
    const placed = this.#overflow.length > 0 ? 0 : fetch.place(view);
    // At most one chunk of the socket: it is not read on until this has found its place.
    if (placed < view.length) this.#overflow.push({ fetch, bytes: view.slice(placed) });
  }

  #waitForSpace(): void {
    const { fetch } = this.#overflow[0]!;
    fetch.sink.ready().then(() => {
      if (this.#closed) return;
      while (this.#overflow.length > 0) {
        const first = this.#overflow[0]!;
        const n = first.fetch.abandoned ? first.bytes.length : first.fetch.place(first.bytes);
        if (n < first.bytes.length) {
          first.bytes = first.bytes.subarray(n);
          this.#waitForSpace();
          return;
        }
        this.#overflow.shift();
      }
      this.#socket.resume();
    });
  }

  /** The caller gave up. Its buffer stays until the socket can no longer write into it. */
  #abandon(fetch: PeerFetch): void {
    fetch.abandoned = true;
    for (const block of fetch.blocks()) this.send({ type: 'cancel', ...block });
    if (this.#armed !== fetch) {
      fetch.abandon();
      return;
    }
    // In the middle of a block: the rest comes at once, or the peer has stalled and is of no use.
    const give = this.#options.clock.setTimer(abandonMs, () => {
      this.destroy(sluiceError('PeerStalled', { peer: this.label, seconds: abandonMs / 1000 }));
    });
    fetch.done.catch(() => {}).finally(give);
  }

  #scheduleKeepAlive(): void {
    this.#stopKeepAlive = this.#options.clock.setTimer(keepAliveMs, () => {
      if (this.#options.clock.now() - this.#lastHeard > silenceMs) {
        this.destroy(sluiceError('PeerStalled', { peer: this.label, seconds: silenceMs / 1000 }));
        return;
      }
      this.send({ type: 'keepAlive' });
      this.#scheduleKeepAlive();
    });
  }

  #lost(detail: string): Error {
    return sluiceError('PeerLost', { peer: this.label, detail });
  }
}
