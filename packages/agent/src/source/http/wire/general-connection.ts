import type { Socket } from 'node:net';
import { type Clock, sluiceError } from '@sluice/protocol';
import type { Client } from 'undici';
import type {
  ConnectionOwner,
  Timeouts,
  WireAnswer,
  WireConnection,
  WireRequest,
} from './answer.ts';
import { GeneralAnswer } from './general-answer.ts';
import { onAbort } from './on-abort.ts';
import { openSocket } from './open-socket.ts';
import { maxHeadLength } from './read-ahead.ts';
import { Watchdog } from './watchdog.ts';

/** What the connections of one source share. */
export interface TlsState {
  readonly ca: string | undefined;
  readonly sessions: Map<string, Buffer>;
}

/**
 * HTTPS, chunked bodies, HTTP/1.0 and whatever else is HTTP, through undici. One undici client is
 * one connection, so that an abort closes the very connection, also one that is not open yet.
 * The client opens a new socket by itself when the far side closed the idle one.
 */
export class GeneralConnection implements WireConnection {
  readonly watchdog: Watchdog;
  readonly timeouts: Timeouts;
  readonly #url: URL;
  readonly #owner: ConnectionOwner;
  readonly #clock: Clock;
  readonly #tls: TlsState;
  #client: Client | undefined;
  #socket: Socket | undefined;
  #answer: GeneralAnswer | undefined;
  #failed: Error | undefined;
  #label = '';

  constructor(url: URL, owner: ConnectionOwner, clock: Clock, timeouts: Timeouts, tls: TlsState) {
    this.#url = url;
    this.#owner = owner;
    this.#clock = clock;
    this.timeouts = timeouts;
    this.#tls = tls;
    this.watchdog = new Watchdog(clock);
  }

  async request(request: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    this.#label = request.label;
    const answer = new GeneralAnswer(this, request.label);
    this.#answer = answer;
    const stop = onAbort(signal, (error) => this.fail(error));
    try {
      this.#client ??= await this.#createClient();
      if (this.#failed) throw this.#failed;
      const { pathname, search } = request.url;
      this.#client.dispatch(
        { method: 'GET', path: pathname + search, headers: request.headers.flat() },
        answer,
      );
      await answer.started;
      return answer;
    } finally {
      stop();
      this.watchdog.stop();
    }
  }

  /** The answer is done with: the connection waits for the next request. */
  rest(): void {
    this.#answer = undefined;
    this.#owner.idle(this);
  }

  fail(error: Error): void {
    if (this.#failed) return;
    this.#failed = error;
    this.watchdog.stop();
    this.#answer?.fail(error);
    this.#owner.gone(this, this.#close(error));
  }

  async #close(error: Error): Promise<void> {
    await this.#client?.destroy(error);
    // The client does not wait for a socket that is still connecting.
    const socket = this.#socket;
    if (!socket || socket.closed) return;
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.destroy();
    await closed;
  }

  async #createClient(): Promise<Client> {
    // Loaded only when something needs it: plain HTTP starts 0.1 s sooner without.
    const { Client } = await import('undici');
    return new Client(this.#url.origin, {
      maxHeaderSize: maxHeadLength,
      // Time is told by the injected clock alone.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: this.timeouts.idleMs,
      allowH2: false,
      connect: (_options, callback) => {
        const plan = {
          url: this.#url,
          label: this.#label,
          connectMs: this.timeouts.connectMs,
          ...this.#tls,
        };
        this.#socket = openSocket(plan, this.#clock, (error, socket) => {
          if (socket?.remoteAddress !== undefined) {
            const { remoteAddress: host, remotePort = 0 } = socket;
            this.#owner.connected({ host, port: remotePort });
          }
          if (socket) callback(null, socket);
          else callback(error ?? sluiceError('Internal', { detail: 'no socket' }), null);
        });
      },
    });
  }
}
