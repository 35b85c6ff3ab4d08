import { closeSync } from 'node:fs';
import type { Asked, Grant } from './grant.ts';
import { HeldLease } from './held-lease.ts';
import { HotConnection } from './hot-connection.ts';
import type { HotDeps } from './hot-host.ts';
import { Turns } from './turns.ts';

/** Leases that a thread remembers, by what clients asked for. */
const maxRemembered = 4096;
/** More than the head that the HTTP server takes is for it to refuse. */
const readBytes = 16_384;
const headBytes = 32_768;

/**
 * The clients of one thread that want what is hot. It serves them itself and knows nothing else: whatever
 * takes more than sending a file goes to the HTTP server, connection and all.
 */
export class HotFront {
  readonly deps: HotDeps;
  /** All connections read into it, one after another; what was read is used up before the next one. */
  readonly input = Buffer.allocUnsafeSlow(readBytes);
  readonly output = Buffer.allocUnsafeSlow(headBytes);
  readonly turns = new Turns();
  readonly #connections = new Set<HotConnection>();
  readonly #leases = new Map<string, HeldLease>();
  #closing: (() => void) | undefined;

  constructor(deps: HotDeps) {
    this.deps = deps;
  }

  /** The thread takes no more requests. */
  get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  /** Serves the connection of this descriptor, which is the front's from now on. */
  take(descriptor: number): void {
    let connection: HotConnection;
    try {
      connection = new HotConnection(descriptor, this, () => {
        if (!this.#connections.delete(connection)) return;
        this.deps.counts.add('Connections', -1);
        if (this.#connections.size === 0) this.#closing?.();
      });
    } catch (error) {
      // The client may be gone already; all others are to stay.
      closeSync(descriptor);
      this.deps.host.failed(error);
      return;
    }
    this.#connections.add(connection);
    this.deps.counts.add('Connections', 1);
    if (this.isClosing) connection.endWhenIdle();
  }

  /** What was granted for such a request before. */
  leaseFor({ host, target }: Asked): HeldLease | undefined {
    return this.#leases.get(`${host} ${target}`);
  }

  /** Asks for a lease; never rejects. */
  async ask(asked: Asked): Promise<HeldLease | undefined> {
    const { host } = this.deps;
    const key = `${asked.host} ${asked.target}`;
    const { target, range } = asked;
    const grant = await host.ask({ target, host: asked.host, range }).catch(host.failed);
    if (!grant) {
      this.#leases.delete(key);
      return undefined;
    }
    return this.#remember(key, grant);
  }

  /** Resolves when no connection is left: at once those that are idle, the others with their answers. */
  async drain(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#closing = resolve;
      for (const connection of [...this.#connections]) connection.endWhenIdle();
      if (this.#connections.size === 0) resolve();
    });
  }

  /** Ends all connections. */
  cut(): void {
    for (const connection of [...this.#connections]) connection.destroy();
  }

  #remember(key: string, grant: Grant): HeldLease {
    let lease = this.#leases.get(key);
    if (!lease?.merge(grant)) {
      lease = new HeldLease(grant, this.deps.table, this.deps.thread);
      this.#leases.delete(key);
    }
    this.#leases.set(key, lease);
    if (this.#leases.size > maxRemembered) this.#leases.delete(this.#leases.keys().next().value!);
    return lease;
  }
}
