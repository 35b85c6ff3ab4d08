import { type Clock, maxHeadLength, sluiceError } from '@sluice/protocol';
import type { buildConnector, Client } from 'undici';
import type {
  ConnectionOwner,
  Timeouts,
  WireAnswer,
  WireConnection,
  WireRequest,
} from './answer.ts';
import { GeneralAnswer } from './general-answer.ts';
import { onAbort } from './on-abort.ts';
import { openSocket, type SocketPlan, type TlsState } from './open-socket.ts';
import { requestTarget } from './request-text.ts';
import { Watchdog } from './watchdog.ts';

/**
 * HTTPS, chunked bodies, HTTP/1.0 and whatever else is HTTP, through undici. One undici client is
 * one connection, so that an abort closes the very connection, also one that is not open yet.
 * The client opens a new socket by itself when the far side closed the idle one.
 */
export class GeneralConnection implements WireConnection {
  readonly watchdog: Watchdog;
  readonly timeouts: Timeouts;
  readonly #owner: ConnectionOwner;
  readonly #clock: Clock;
  readonly #tls: TlsState;
  #client: Client | undefined;
  #closeSockets: () => Promise<void> = async () => {};
  #answer: GeneralAnswer | undefined;
  #failed: Error | undefined;
  #label = '';

  constructor(owner: ConnectionOwner, clock: Clock, timeouts: Timeouts, tls: TlsState) {
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
      this.#client ??= await this.#createClient(request);
      if (this.#failed) throw this.#failed;
      const headers = headersOf(request);
      this.#client.dispatch({ method: 'GET', path: requestTarget(request), headers }, answer);
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
    // The client does not wait for sockets that are still connecting.
    await this.#closeSockets();
  }

  async #createClient(request: WireRequest): Promise<Client> {
    // Loaded only when something needs it: plain HTTP starts 0.1 s sooner without.
    const { Client } = await import('undici');
    const { origin } = request.url;
    return new Client(origin, {
      maxHeaderSize: maxHeadLength,
      // Time is told by the injected clock alone.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: this.timeouts.idleMs,
      // Only spoken where it was agreed on: with those that speak nothing else.
      allowH2: true,
      connect: (_options, callback) => this.#connect(request, callback),
    });
  }

  #connect(request: WireRequest, callback: buildConnector.Callback): void {
    const { url, via } = request;
    const tls = this.#tls;
    const { connectMs } = this.timeouts;
    const plan: SocketPlan = { url, via, label: this.#label, connectMs, tls };
    this.#closeSockets = openSocket(plan, this.#clock, (error, socket) => {
      if (error && wantsHttp2(error) && !tls.http2Only.has(url.origin)) {
        tls.http2Only.add(url.origin);
        this.#connect(request, callback);
        return;
      }
      if (socket?.remoteAddress !== undefined) {
        const { remoteAddress: host, remotePort = 0 } = socket;
        this.#owner.connected({ host, port: remotePort });
      }
      if (socket) callback(null, socket);
      else callback(error ?? sluiceError('Internal', { detail: 'no socket' }), null);
    });
  }
}

/** The server speaks none of the protocols that were offered. */
function wantsHttp2(error: Error): boolean {
  const code = String((error.cause as NodeJS.ErrnoException | undefined)?.code);
  return code.endsWith('ALERT_NO_APPLICATION_PROTOCOL');
}

function headersOf({ url, via, headers }: WireRequest): string[] {
  const isRead = via?.authorization !== undefined && url.protocol === 'http:';
  return [...headers.flat(), ...(isRead ? ['Proxy-Authorization', via.authorization] : [])];
}
