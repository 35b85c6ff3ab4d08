import {
  type Clock,
  type Handshake,
  isSluiceError,
  type PeerEntry,
  sluiceError,
} from '@sluice/protocol';
import type { Logger } from 'pino';
import { deadline } from '../clock/deadline.ts';
import { firstToSucceed } from '../clock/first-to-succeed.ts';
import type { Finder } from './candidate.ts';
import { DialBook, type DialTarget } from './dial-book.ts';
import { receiveHandshake } from './exchange-handshake.ts';
import { SwarmSocket } from './swarm-socket.ts';

/** A connection that is not made in this time is given up. */
const connectTimeoutMs = 3_000;
/** An address that has not answered by then is not waited for alone (RFC 8305 §5). */
const nextAddressMs = 250;

export interface DiallerOptions {
  clock: Clock;
  logger: Logger;
  /** Our handshake, as it is at the moment. */
  handshake: () => Uint8Array;
  /** Connections that may still be made. */
  room: () => number;
  isWanted: (entry: PeerEntry, by: Finder) => boolean;
  /** Takes the connection, or throws to have it dropped. */
  connected: (socket: SwarmSocket, handshake: Handshake, rest: Uint8Array) => void | Promise<void>;
  /** No connection came of it; not told of what `close` ends. @param peer its address. */
  failed: (peer: string, error: unknown) => void;
  /** How to connect, if not as sockets do. */
  dial?: typeof SwarmSocket.dial;
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
    for (const target of this.book.take(room(), isWanted)) {
      const attempt = this.#attempt(target);
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
  async #attempt(target: DialTarget): Promise<void> {
    const { peer } = target;
    try {
      const isPeer = await this.#connectTo(target);
      this.book.done(peer, isPeer);
    } catch (err) {
      // That our own settings did not let it in is no fault of the peer.
      this.book.done(peer, isSluiceError(err, 'PeersSwitchedOff'));
      const at = addressOf(target.addresses[0]!);
      this.#options.logger.debug({ peer: at, err }, 'could not connect to peer');
      if (!this.#closing.signal.aborted) this.#options.failed(at, err);
    }
  }

  /** @returns whether it was the peer who answered: somebody else is as welcome, but not found at home. */
  async #connectTo(target: DialTarget): Promise<boolean> {
    const { peer } = target;
    const { clock, handshake, connected } = this.#options;
    const { signal } = this.#closing;
    const { socket, entry } = await this.#connect(target);
    const stop = () => socket.destroy();
    signal.addEventListener('abort', stop, { once: true });
    try {
      this.book.reached(peer);
      socket.write([handshake()]);
      const theirs = await receiveHandshake(socket, clock);
      signal.throwIfAborted();
      const isPeer = theirs.handshake.peerId === peer;
      if (!isPeer) this.book.unreachable(peer, entry);
      await connected(socket, theirs.handshake, theirs.rest);
      return isPeer;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** The first of the peer's addresses that answers; those that refuse are reported to the book. */
  async #connect({ peer, addresses }: DialTarget): Promise<Reached> {
    const { clock, dial = SwarmSocket.dial } = this.#options;
    const reached: Reached[] = [];
    using limit = deadline(clock, connectTimeoutMs, this.#closing.signal);
    const attempts = addresses.map((entry) => async (stop: AbortSignal) => {
      try {
        const socket = await dial(entry.Ip, entry.Port, stop);
        reached.push({ socket, entry });
        return { socket, entry };
      } catch (error) {
        const isLate = stop.aborted && !limit.signal.aborted;
        if (!isLate && !this.#closing.signal.aborted) this.book.unreachable(peer, entry);
        throw error;
      }
    });
    try {
      const first = await firstToSucceed(attempts, nextAddressMs, clock, limit.signal);
      // Two may have answered before the first was known.
      for (const { socket } of reached) if (socket !== first.socket) socket.destroy();
      // Those before it had a head start, and are not waited for again.
      const slow = addresses.slice(0, addresses.indexOf(first.entry));
      for (const entry of slow) this.book.unreachable(peer, entry);
      return first;
    } catch (error) {
      for (const { socket } of reached) socket.destroy();
      const cause = error instanceof AggregateError ? error.errors[0] : error;
      throw dialError(addressOf(addresses[0]!), cause, limit.signal);
    }
  }
}

interface Reached {
  socket: SwarmSocket;
  entry: PeerEntry;
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
