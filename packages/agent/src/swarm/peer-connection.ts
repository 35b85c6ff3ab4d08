import {
  type ByteRange,
  type Clock,
  encodeMessage,
  FrameReader,
  type PeerId,
  type PieceGeometry,
  type SwarmMessage,
  sluiceError,
} from '@sluice/protocol';
import type { RunSink, Source, SourceFacts } from '../source/index.ts';
import { IncomingBlocks } from './incoming-blocks.ts';
import { type BlockPart, Outbox } from './outbox.ts';
import type { Receiver, SwarmSocket } from './swarm-socket.ts';

/** A connection that has nothing to say still says so this often… */
const keepAliveMs = 60_000;
/** …and one from which nothing came for so long is over. */
const silenceMs = 150_000;
/** Bytes that wait to be sent to a peer that does not read; more, and it is dropped. */
const maxUnsent = 2 * 1_048_576;

export interface PeerConnectionOptions {
  socket: SwarmSocket;
  peerId: PeerId;
  /** Whether the other side made the connection. */
  incoming: boolean;
  /** Undefined until the hash list is known: no piece can be asked for then. */
  geometry: () => PieceGeometry | undefined;
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
  /** Of the other side, with zone where there is one. */
  readonly address: string;
  readonly remotePort: number;
  /** `address:port` */
  readonly label: string;
  readonly clock: Clock;
  readonly connectedAt: number;
  /** When bytes last came, ms. */
  lastHeard: number;
  /** Content that came, bytes. */
  received = 0;
  /** Content that went, or is on its way, bytes. */
  sent = 0;
  /** Set when the connection is over, or about to be. */
  ending: Error | undefined;
  readonly #options: PeerConnectionOptions;
  readonly #socket: SwarmSocket;
  readonly #outbox: Outbox;
  readonly #reader: FrameReader;
  readonly #blocks: IncomingBlocks;
  #choked = false;
  #stopKeepAlive: () => void = () => {};

  constructor(options: PeerConnectionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#outbox = new Outbox(options.socket);
    this.peerId = options.peerId;
    this.incoming = options.incoming;
    const { remoteAddress: host, remotePort } = options.socket;
    this.address = host;
    this.remotePort = remotePort;
    this.label = `${host.includes(':') ? `[${host}]` : host}:${remotePort}`;
    this.clock = options.clock;
    this.connectedAt = this.clock.now();
    this.lastHeard = this.connectedAt;
    const blocks = new IncomingBlocks(this);
    this.#blocks = blocks;
    this.#reader = new FrameReader({
      onMessage: (m) => this.#onMessage(m),
      onPieceStart: (piece, offset, length) => blocks.begin({ piece, offset, length }),
      onPieceData: (view) => {
        this.received += view.length;
        blocks.data(view);
      },
      onPieceEnd: () => blocks.end(),
    });
  }

  get activeConnections(): number {
    return this.#blocks.busy ? 1 : 0;
  }

  geometry(): PieceGeometry | undefined {
    return this.#options.geometry();
  }

  /** Starts to take messages; `rest` is what came behind the handshake. */
  start(rest: Uint8Array): void {
    this.#scheduleKeepAlive();
    this.#socket.setReceiver(this);
    if (rest.length === 0 || this.take(rest)) this.#socket.resume();
  }

  /** @param done called when the message was sent, or (`sent` false) the connection is over. */
  send(message: SwarmMessage, done?: (sent: boolean) => void): void {
    this.sendBytes(encodeMessage(message), done);
  }

  /** Sends an encoded message, see `send`. */
  sendBytes(bytes: Uint8Array, done?: (sent: boolean) => void): void {
    this.#outbox.send(bytes, done);
    const { unsent } = this.#outbox;
    if (unsent <= maxUnsent || this.ending) return;
    this.destroy(sluiceError('PeerNotReading', { peer: this.label, bytes: unsent }));
  }

  /** Sends an encoded message that the peer can do without for a second: it saves a system call on each side. */
  sendLater(bytes: Uint8Array): void {
    this.#outbox.sendLater(bytes);
  }

  /** Sends what waits, unless it is for the end of a block. */
  flush(): void {
    this.#outbox.flush();
  }

  /** Sends a part of a block; `done` tells when its memory may be used again. */
  sendPart(part: BlockPart, done: (sent: boolean) => void): void {
    this.sent += part.content.length;
    this.#outbox.sendPart(part, done);
  }

  /** Connected already; what the content is was told by the hash list. */
  async open(signal: AbortSignal): Promise<SourceFacts> {
    this.#checkUsable(signal);
    const contentLength = this.geometry()?.contentLength;
    return { contentLength, ranges: true, validator: undefined };
  }

  /**
   * All fetches share the one connection: they are served in the order they were begun, and one whose
   * sink has no room holds up the others.
   *
   * At the point of danger: the memory of a sink is named to the socket before its bytes come. An abort
   * then takes effect when they come, as nobody can take the memory back from the socket; when the peer
   * has been silent for a second, or gets so, it is dropped.
   * @throws as the contract has it; PeerLost, and what the connection was ended with.
   */
  async fetch(range: ByteRange, sink: RunSink, signal: AbortSignal): Promise<void> {
    this.#checkUsable(signal);
    await this.#blocks.fetch(range, sink, signal);
  }

  async close(): Promise<void> {
    this.destroy(sluiceError('SourceClosed', { url: this.label, retryable: false }));
    await this.#socket.gone;
  }

  /** @param reason what its fetches fail with; told to `onClosed`. */
  destroy(reason: Error = this.#lost('closed')): void {
    // What was said before it should arrive, as that we have all pieces now.
    if (!this.ending) this.#outbox.flush();
    this.ending ??= reason;
    this.#socket.destroy(this.ending);
  }

  /** Reads on. */
  resume(): void {
    this.#socket.resume();
  }

  // Receiver

  target(): Uint8Array | undefined {
    return this.ending ? undefined : this.#blocks.target(this.#reader.pieceBytesLeft);
  }

  placed(n: number): void {
    this.lastHeard = this.clock.now();
    // The reader first: it ends the block, so that what the sink sets off finds us between blocks.
    this.received += n;
    this.#reader.skipPieceData(n);
    this.#blocks.placed(n);
    this.#blocks.ask();
  }

  take(chunk: Uint8Array): boolean {
    this.lastHeard = this.clock.now();
    try {
      this.#reader.push(chunk);
      this.#blocks.ask();
    } catch (error) {
      this.destroy(error as Error);
    }
    return this.#blocks.readable && !this.ending;
  }

  closed(error: Error | undefined): void {
    this.ending ??= this.#lost(error?.message ?? 'closed', error);
    this.#stopKeepAlive();
    this.#outbox.close();
    this.#blocks.close(this.ending);
    this.#options.onClosed(this.ending);
  }

  #checkUsable(signal: AbortSignal): void {
    if (signal.aborted) throw sluiceError('Cancelled', {}, { cause: signal.reason });
    if (this.ending) throw this.ending;
  }

  #onMessage(message: SwarmMessage): void {
    // What the peer said before it was dropped, in the same chunk, no longer counts.
    if (this.ending) return;
    if (message.type === 'choke') this.#choked = true;
    if (message.type === 'unchoke' && this.#choked) {
      this.#choked = false;
      this.#blocks.askAgain();
    }
    this.#options.onMessage(message);
  }

  #scheduleKeepAlive(): void {
    this.#stopKeepAlive = this.clock.setTimer(keepAliveMs, () => {
      if (this.clock.now() - this.lastHeard > silenceMs) {
        const seconds = silenceMs / 1000;
        this.destroy(sluiceError('PeerStalled', { peer: this.label, seconds, retryable: true }));
        return;
      }
      this.send({ type: 'keepAlive' });
      this.#scheduleKeepAlive();
    });
  }

  #lost(detail: string, cause?: unknown): Error {
    const params = { peer: this.label, url: this.label, detail, retryable: true };
    return sluiceError('PeerLost', params, { cause });
  }
}
