import { type Clock, isSluiceError, sluiceError } from '@sluice/protocol';
import type {
  ConnectionOwner,
  Remote,
  Timeouts,
  WireAnswer,
  WireConnection,
  WireRequest,
} from './answer.ts';
import type { HostSlots } from './host-slots.ts';

/** Idle connections kept, of all origins together. */
const maxIdle = 16;

export type CreateConnection = (request: WireRequest, owner: ConnectionOwner) => WireConnection;

interface Member {
  /** Requests by the same way to the same origin may use it. */
  readonly key: string;
  readonly host: string;
}

/** The connections of one kind that a source has: reuses idle ones, opens one more when there is none. */
export class ConnectionPool implements ConnectionOwner {
  readonly #create: CreateConnection;
  readonly #clock: Clock;
  readonly #timeouts: Timeouts;
  readonly #slots: HostSlots;
  readonly #members = new Map<WireConnection, Member>();
  /** In the order they became idle, each with what ends its rest. */
  readonly #idle = new Map<WireConnection, () => void>();
  readonly #closing = new Set<Promise<void>>();
  #closed: Error | undefined;

  /** Where the latest connection goes to. */
  remote: Remote | undefined;

  constructor(create: CreateConnection, clock: Clock, timeouts: Timeouts, slots: HostSlots) {
    this.#create = create;
    this.#clock = clock;
    this.#timeouts = timeouts;
    this.#slots = slots;
  }

  /** Sends a request and waits for the answer's head. */
  async request(request: WireRequest, signal: AbortSignal): Promise<WireAnswer | 'unsuited'> {
    const key = keyOf(request);
    const used = this.#takeIdle(key);
    if (used) {
      try {
        return await used.request(request, signal);
      } catch (error) {
        // The far side may close an idle connection at any time, also just now: ask once more.
        if (!isStale(error)) throw error;
      }
    }
    const { host } = request.url;
    if (!this.#slots.take(host)) await this.#slots.wait(host, signal);
    if (this.#closed) {
      this.#slots.release(host);
      throw this.#closed;
    }
    const connection = this.#create(request, this);
    this.#members.set(connection, { key, host });
    return await connection.request(request, signal);
  }

  connected(remote: Remote): void {
    this.remote = remote;
  }

  idle(connection: WireConnection): void {
    const { host } = this.#memberOf(connection);
    const drop = () => this.#drop(connection);
    const cancel = this.#clock.setTimer(this.#timeouts.idleMs, drop);
    // Set before it is offered: it may be taken away at once.
    this.#idle.set(connection, cancel);
    const withdraw = this.#slots.keep(host, drop);
    if (!this.#idle.has(connection)) {
      withdraw();
      return;
    }
    this.#idle.set(connection, () => {
      cancel();
      withdraw();
    });
    const [oldest] = this.#idle.keys();
    if (oldest && this.#idle.size > maxIdle) this.#drop(oldest);
  }

  gone(connection: WireConnection, closed: Promise<void>): void {
    this.#idle.get(connection)?.();
    this.#idle.delete(connection);
    const member = this.#members.get(connection);
    this.#members.delete(connection);
    this.#closing.add(closed);
    closed.finally(() => {
      this.#closing.delete(closed);
      if (member) this.#slots.release(member.host);
    });
  }

  /** Fails everything under way with `error`; resolves when no socket is left. */
  async close(error: Error): Promise<void> {
    this.#closed = error;
    for (const connection of [...this.#members.keys()]) connection.fail(error);
    await Promise.all(this.#closing);
  }

  #drop(connection: WireConnection): void {
    const url = this.#members.get(connection)?.host ?? '';
    connection.fail(sluiceError('SourceClosed', { url }));
  }

  #memberOf(connection: WireConnection): Member {
    const member = this.#members.get(connection);
    if (!member) throw sluiceError('Internal', { detail: 'a connection of another pool' });
    return member;
  }

  /** The one used last is the one least likely to be closed by now. */
  #takeIdle(key: string): WireConnection | undefined {
    const connection = [...this.#idle.keys()].findLast((c) => this.#members.get(c)?.key === key);
    if (!connection) return undefined;
    this.#idle.get(connection)?.();
    this.#idle.delete(connection);
    return connection;
  }
}

function keyOf({ url, via }: WireRequest): string {
  return via ? `${url.origin} ${via.url.origin} ${via.authorization ?? ''}` : url.origin;
}

function isStale(error: unknown): boolean {
  return isSluiceError(error, 'SourceReset') || isSluiceError(error, 'SourceMalformed');
}
