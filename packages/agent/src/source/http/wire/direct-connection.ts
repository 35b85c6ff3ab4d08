import { connect, type Socket } from 'node:net';
import { type Clock, ReadAhead, type ResponseHead, sluiceError, takeHead } from '@sluice/protocol';
import type {
  ConnectionOwner,
  Timeouts,
  WireAnswer,
  WireConnection,
  WireRequest,
} from './answer.ts';
import { connectTimeout } from './connect-timeout.ts';
import { directAnswer } from './direct-answer.ts';
import { networkError } from './network-error.ts';
import { onAbort } from './on-abort.ts';
import { proxyFailed } from './proxy-failed.ts';
import { formatRequest } from './request-text.ts';
import { stalled } from './stalled.ts';
import { Watchdog } from './watchdog.ts';

/** Who gets what the socket reads. */
export interface Receiver {
  /** `n` bytes landed in `buffer`. @returns where the next ones go; undefined = stop reading. */
  landed(buffer: Uint8Array, n: number): Uint8Array | undefined;
  /** The connection is over; `error` undefined = the far side closed it in order. */
  ended(error: Error | undefined): void;
}

/**
 * Plain HTTP/1.1 on a bare socket that reads bodies straight into the sink's buffers: no copy, no
 * event per chunk, twice the bytes per CPU second of a stream (design.md, "Speed rules for Node").
 *
 * At the point of danger: Node asks for the *next* buffer right after each read, also after one
 * that ends in a pause. What is armed then is what the first read after the pause fills, whenever
 * that is. So a pause always arms the read-ahead, never a buffer of a sink that may be gone.
 */
export class DirectConnection implements WireConnection {
  readonly ahead = new ReadAhead();
  readonly watchdog: Watchdog;
  readonly timeouts: Timeouts;
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #gone = Promise.withResolvers<void>();
  #armed: Uint8Array = this.ahead.whole;
  #next: Uint8Array = this.ahead.whole;
  #receiver: Receiver = this.#idleReceiver();
  #label = '';
  #over = false;

  constructor(request: WireRequest, owner: ConnectionOwner, clock: Clock, timeouts: Timeouts) {
    const { via } = request;
    const hop = via?.url ?? request.url;
    let isConnected = false;
    this.#owner = owner;
    this.timeouts = timeouts;
    this.watchdog = new Watchdog(clock);
    this.#socket = connect({
      host: hop.hostname.replace(/^\[|\]$/g, ''),
      port: Number(hop.port || 80),
      noDelay: true,
      onread: {
        buffer: () => {
          this.#armed = this.#next;
          return this.#armed;
        },
        callback: (n) => this.#onRead(n),
      },
    });
    this.#socket.once('connect', () => {
      isConnected = true;
      const { remoteAddress: host, remotePort = 0 } = this.#socket;
      if (host !== undefined) owner.connected({ host, port: remotePort });
    });
    this.#socket.on('error', (error) => {
      const isOfProxy = via !== undefined && !isConnected;
      this.fail(
        isOfProxy ? proxyFailed(this.#label, via, error) : networkError(error, this.#label),
      );
    });
    this.#socket.on('end', () => this.#end(undefined));
    this.#socket.on('close', () => {
      this.#end(undefined);
      this.#gone.resolve();
    });
  }

  async request(request: WireRequest, signal: AbortSignal): Promise<WireAnswer | 'unsuited'> {
    this.#label = request.label;
    const head = await this.#ask(request, signal);
    const answer = directAnswer(this, head, request.label);
    if (!answer) {
      this.#end(undefined);
      return 'unsuited';
    }
    this.#receiver = answer;
    return answer;
  }

  /** Reads on. */
  resume(): void {
    this.#socket.resume();
  }

  /** The answer is done with: the connection waits for the next request. */
  rest(): void {
    this.#receiver = this.#idleReceiver();
    // Reads on, to see the far side close it.
    this.#socket.resume();
    this.#owner.idle(this);
  }

  fail(error: Error): void {
    this.#end(error);
  }

  async #ask(request: WireRequest, signal: AbortSignal): Promise<ResponseHead> {
    const { connectMs, stallMs } = this.timeouts;
    const url = request.label;
    const outcome = Promise.withResolvers<ResponseHead>();
    this.#receiver = headReceiver(this.ahead, url, outcome);
    const stop = onAbort(signal, (error) => this.fail(error));
    const awaitHead = () =>
      this.watchdog.start(stallMs, () => this.fail(stalled(url, stallMs, 'no answer')));
    if (this.#socket.connecting) {
      this.watchdog.start(connectMs, () => this.fail(connectTimeout(url, connectMs)));
      this.#socket.once('connect', awaitHead);
    } else awaitHead();
    if (!this.#over) this.#socket.write(formatRequest(request), 'latin1');
    try {
      return await outcome.promise;
    } finally {
      stop();
      this.watchdog.stop();
    }
  }

  #onRead(n: number): boolean {
    let next: Uint8Array | undefined;
    try {
      next = this.#receiver.landed(this.#armed, n);
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
    this.#next = next ?? this.ahead.whole;
    return next !== undefined;
  }

  #end(error: Error | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.watchdog.stop();
    this.#socket.destroy();
    this.#receiver.ended(error);
    this.#owner.gone(this, this.#gone.promise);
  }

  /** Nobody asked: a byte now belongs to no answer, and a later request must not take it for one. */
  #idleReceiver(): Receiver {
    return {
      landed: () => {
        this.#end(undefined);
        return undefined;
      },
      ended: () => {},
    };
  }
}

function headReceiver(
  ahead: ReadAhead,
  url: string,
  outcome: PromiseWithResolvers<ResponseHead>,
): Receiver {
  const seen = { interim: 0 };
  return {
    landed(buffer, n) {
      ahead.landed(buffer, n);
      const head = takeHead(ahead, url, seen);
      if (!head) return ahead.size > 0 ? ahead.tail : ahead.whole;
      outcome.resolve(head);
      return undefined;
    },
    ended(error) {
      const detail = 'closed before it answered';
      outcome.reject(error ?? sluiceError('SourceReset', { url, detail, retryable: true }));
    },
  };
}
