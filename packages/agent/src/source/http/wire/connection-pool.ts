import { type Clock, isSluiceError, sluiceError } from '@sluice/protocol';
import type {
  ConnectionOwner,
  Remote,
  Timeouts,
  WireAnswer,
  WireConnection,
  WireRequest,
} from './answer.ts';

/** Idle connections kept, of all origins together. */
const maxIdle = 16;

/** The connections of one kind that a source has: reuses idle ones, opens one more when there is none. */
export class ConnectionPool implements ConnectionOwner {
  readonly #create: (url: URL, owner: ConnectionOwner) => WireConnection;
  readonly #clock: Clock;
  readonly #timeouts: Timeouts;
  readonly #origins = new Map<WireConnection, string>();
  /** In the order they became idle, each with what cancels its timer. */
  readonly #idle = new Map<WireConnection, () => void>();
  readonly #closing = new Set<Promise<void>>();

  /** Where the latest connection goes to. */
  remote: Remote | undefined;

  constructor(
    create: (url: URL, owner: ConnectionOwner) => WireConnection,
    clock: Clock,
    timeouts: Timeouts,
  ) {
    this.#create = create;
    this.#clock = clock;
    this.#timeouts = timeouts;
  }

  /** Sends a request and waits for the answer's head. */
  async request(request: WireRequest, signal: AbortSignal): Promise<WireAnswer | 'unsuited'> {
    const used = this.#takeIdle(request.url.origin);
    if (used) {
      try {
        return await used.request(request, signal);
      } catch (error) {
        // The far side may close an idle connection at any time, also just now: ask once more.
        if (!isStale(error)) throw error;
      }
    }
    const connection = this.#create(request.url, this);
    this.#origins.set(connection, request.url.origin);
    return await connection.request(request, signal);
  }

  connected(remote: Remote): void {
    this.remote = remote;
  }

  idle(connection: WireConnection): void {
    const drop = () => this.#drop(connection);
    this.#idle.set(connection, this.#clock.setTimer(this.#timeouts.idleMs, drop));
    const [oldest] = this.#idle.keys();
    if (oldest && this.#idle.size > maxIdle) this.#drop(oldest);
  }

  gone(connection: WireConnection, closed: Promise<void>): void {
    this.#idle.get(connection)?.();
    this.#idle.delete(connection);
    this.#origins.delete(connection);
    this.#closing.add(closed);
    closed.finally(() => this.#closing.delete(closed));
  }

  /** Fails everything under way with `error`; resolves when no socket is left. */
  async close(error: Error): Promise<void> {
    for (const connection of [...this.#origins.keys()]) connection.fail(error);
    await Promise.all(this.#closing);
  }

  #drop(connection: WireConnection): void {
    connection.fail(sluiceError('SourceClosed', { url: this.#origins.get(connection) ?? '' }));
  }

  /** The one used last is the one least likely to be closed by now. */
  #takeIdle(origin: string): WireConnection | undefined {
    const connection = [...this.#idle.keys()].findLast((c) => this.#origins.get(c) === origin);
    if (!connection) return undefined;
    this.#idle.get(connection)?.();
    this.#idle.delete(connection);
    return connection;
  }
}

function isStale(error: unknown): boolean {
  return isSluiceError(error, 'SourceReset') || isSluiceError(error, 'SourceMalformed');
}
