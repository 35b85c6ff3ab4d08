import {
  type Clock,
  type Handshake,
  type PeerEntry,
  type PeerId,
  sluiceError,
} from '@sluice/protocol';
import type { Logger } from 'pino';
import { deadline } from '../clock/deadline.ts';
import { DialBook } from './dial-book.ts';
import { receiveHandshake } from './exchange-handshake.ts';
import { SwarmSocket } from './swarm-socket.ts';

/** A connection that is not made in this time is given up. */
const connectTimeoutMs = 3_000;

export interface DiallerOptions {
  clock: Clock;
  logger: Logger;
  /** Our handshake, as it is at the moment. */
  handshake: () => Uint8Array;
  /** Connections that may still be made. */
  room: () => number;
  isWanted: (entry: PeerEntry) => boolean;
  /** Takes the connection, or throws to have it dropped. */
  connected: (socket: SwarmSocket, handshake: Handshake, rest: Uint8Array) => void;
  /** No connection came of it; not told of what `close` ends. @param peer its address. */
  failed: (peer: string, error: unknown) => void;
}

/** Connects to the peers that are known by name. */
export class Dialler {
  readonly book: DialBook;
  readonly #options: DiallerOptions;
  readonly #closing = new AbortController();
  readonly #attempts = new Set<Promise<void>>();

  constructor(options: DiallerOptions) {
    this.#options = options;
    this.book = new DialBook(options.clock);
  }

  /** Connects to whom it is time to. */
  dial(): void {
    if (this.#closing.signal.aborted) return;
    const { room, isWanted } = this.#options;
    for (const entry of this.book.take(room(), isWanted)) {
      const attempt = this.#attempt(entry);
      this.#attempts.add(attempt);
      attempt.finally(() => this.#attempts.delete(attempt));
    }
  }

  /** Ends all attempts; resolves when none is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#attempts);
  }

  /** Never rejects. */
  async #attempt(entry: PeerEntry): Promise<void> {
    const { PeerId: peer } = entry;
    try {
      await this.#connectTo(peer, entry);
      this.book.done(peer, true);
    } catch (err) {
      this.book.done(peer, false);
      this.#options.logger.debug({ peer: addressOf(entry), err }, 'could not connect to peer');
      if (!this.#closing.signal.aborted) this.#options.failed(addressOf(entry), err);
    }
  }

  async #connectTo(peer: PeerId, entry: PeerEntry): Promise<void> {
    const { clock, handshake, connected } = this.#options;
    const { signal } = this.#closing;
    const socket = await this.#connect(entry);
    const stop = () => socket.destroy();
    signal.addEventListener('abort', stop, { once: true });
    try {
      this.book.reached(peer);
      socket.write([handshake()]);
      const theirs = await receiveHandshake(socket, clock);
      signal.throwIfAborted();
      connected(socket, theirs.handshake, theirs.rest);
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async #connect(entry: PeerEntry): Promise<SwarmSocket> {
    using limit = deadline(this.#options.clock, connectTimeoutMs, this.#closing.signal);
    try {
      return await SwarmSocket.dial(entry.Ip, entry.Port, limit.signal);
    } catch (error) {
      throw dialError(addressOf(entry), error, limit.signal);
    }
  }
}

function addressOf({ Ip, Port }: PeerEntry): string {
  return `${Ip.includes(':') ? `[${Ip}]` : Ip}:${Port}`;
}

function dialError(peer: string, cause: unknown, { aborted }: AbortSignal): Error {
  if (aborted) {
    const seconds = connectTimeoutMs / 1000;
    return sluiceError('PeerConnectTimeout', { peer, seconds }, { cause });
  }
  const { code, message: detail } = cause as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return sluiceError('PeerRefused', { peer }, { cause });
  return sluiceError('PeerUnreachable', { peer, detail }, { cause });
}
