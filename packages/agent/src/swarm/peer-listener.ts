import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, type Handshake, sluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import { receiveHandshake } from './exchange-handshake.ts';
import { SwarmSocket } from './swarm-socket.ts';

/** Connections that have not said which swarm they want. */
const maxPending = 256;

export interface ListenerOptions {
  /** Where to listen; without it on all addresses, IPv6 and IPv4. */
  host: string | undefined;
  /** 0 = any free port. */
  port: number;
  clock: Clock;
  logger: Logger;
  /** Takes a connection, or throws or rejects to have it dropped. */
  admit: (socket: SwarmSocket, handshake: Handshake, rest: Uint8Array) => void | Promise<void>;
}

/** Takes peer connections (TCP 7680 by default) and gives them to the swarm they name. */
export class PeerListener {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<SwarmSocket>();
  /** In the order they came. */
  readonly #pending = new Set<SwarmSocket>();

  private constructor(options: ListenerOptions) {
    this.#options = options;
    this.#server = createServer({ pauseOnConnect: true }, (raw) => this.#onConnection(raw));
  }

  /** @throws ListenFailed */
  static async open(options: ListenerOptions): Promise<PeerListener> {
    const listener = new PeerListener(options);
    try {
      await listener.#listen();
    } catch (error) {
      throw listenError(options, error);
    }
    return listener;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Connections that came in and are there still. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Drops all connections that came in; resolves when none is left. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const sockets = [...this.#sockets];
    for (const socket of sockets) socket.destroy();
    await Promise.all([closed, ...sockets.map((socket) => socket.gone)]);
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      // Without a host Node takes all addresses, IPv4 alone where there is no IPv6; `::` would be looked up.
      const { port, host } = this.#options;
      this.#server.listen({ port, host, exclusive: true }, () => {
        this.#server.off('error', reject);
        // An accept that fails (too many open files) must not end the process.
        this.#server.on('error', (err) => this.#options.logger.warn({ err }, 'peer listener'));
        resolve();
      });
    });
  }

  async #onConnection(raw: Socket): Promise<void> {
    const { clock, logger, admit } = this.#options;
    const socket = SwarmSocket.accept(raw);
    this.#sockets.add(socket);
    socket.gone.then(() => this.#sockets.delete(socket));
    this.#makeRoom();
    this.#pending.add(socket);
    try {
      const { handshake, rest } = await receiveHandshake(socket, clock);
      await admit(socket, handshake, rest);
    } catch (err) {
      logger.debug({ err, peer: socket.remoteAddress }, 'peer not admitted');
      socket.destroy();
    } finally {
      this.#pending.delete(socket);
    }
  }

  /**
   * Who has been silent longest gives way: a handshake comes within a round trip, so those that hold
   * connections open without one cannot keep the others out.
   */
  #makeRoom(): void {
    if (this.#pending.size < maxPending) return;
    const [oldest] = this.#pending;
    this.#pending.delete(oldest!);
    oldest!.destroy();
  }
}

function listenError({ port }: ListenerOptions, cause: unknown): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  const detail = code === 'EADDRINUSE' ? 'the port is in use' : message;
  return sluiceError('ListenFailed', { address: `port ${port}`, detail }, { cause });
}
