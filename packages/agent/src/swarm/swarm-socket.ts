import { connect, type Socket } from 'node:net';

/** What a connection does with the bytes that come. */
export interface Receiver {
  /** Where the next bytes may be read straight to; undefined: into the socket's own buffer, then `take`. */
  target(): Uint8Array | undefined;
  /** `n` bytes were read to the start of the last target. */
  placed(n: number): void;
  /** Takes a chunk, which may be reused afterwards. @returns false to stop reading until `resume`. */
  take(chunk: Uint8Array): boolean;
  /** The connection is over; called once. */
  closed(error: Error | undefined): void;
}

const scratchBytes = 64 * 1024;
/** A connection that is not made in this time is given up. */
export const connectTimeoutMs = 3_000;

/**
 * A TCP connection to a peer. A dialled one reads through `onread` straight into the receiver's
 * target, so that content is not copied in user space; an accepted one, for which Node has no such
 * way, gets 'data' events.
 */
export class SwarmSocket {
  readonly #socket: Socket;
  readonly #scratch: Uint8Array | undefined;
  #receiver: Receiver | undefined;
  #armed: Uint8Array | undefined;
  #paused = false;
  #error: Error | undefined;
  #closed = false;

  private constructor(socket: Socket, scratch?: Uint8Array) {
    this.#socket = socket;
    this.#scratch = scratch;
    socket.setNoDelay(true);
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('close', () => this.#onClose());
    socket.on('end', () => socket.destroy());
  }

  /** Connects; `timeoutMs` and `signal` end the attempt by destroying it. */
  static dial(host: string, port: number, signal: AbortSignal): Promise<SwarmSocket> {
    const scratch = new Uint8Array(scratchBytes);
    let self: SwarmSocket | undefined;
    const socket = connect({
      host,
      port,
      signal,
      onread: {
        buffer: () => self?.bufferForRead() ?? scratch,
        callback: (n, buffer) => self?.onRead(n, buffer) ?? true,
      },
    });
    self = new SwarmSocket(socket, scratch);
    const made = self;
    return new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(made));
      socket.once('close', () => reject(made.#error ?? new Error('closed')));
    });
  }

  static accept(socket: Socket): SwarmSocket {
    const made = new SwarmSocket(socket);
    socket.on('data', (chunk) => {
      if (made.#receiver?.take(chunk) === false) made.pause();
    });
    socket.pause();
    return made;
  }

  get remoteAddress(): string {
    return (this.#socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
  }

  get remotePort(): number {
    return this.#socket.remotePort ?? 0;
  }

  /** Gives the connection to a receiver; nothing flows before `resume`. */
  setReceiver(receiver: Receiver): void {
    this.#receiver = receiver;
    if (this.#closed) receiver.closed(this.#error);
  }

  /** @param done called when the bytes were handed to the kernel or the connection is over. */
  write(parts: Uint8Array[], done?: () => void): void {
    if (this.#closed || this.#socket.destroyed) {
      done?.();
      return;
    }
    this.#socket.cork();
    for (const [i, part] of parts.entries()) {
      this.#socket.write(part, i === parts.length - 1 ? () => done?.() : undefined);
    }
    this.#socket.uncork();
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#socket.resume();
  }

  destroy(error?: Error): void {
    this.#error ??= error;
    this.#socket.destroy();
  }

  /** For `onread`: called after each read to name the place of the next one. */
  bufferForRead(): Uint8Array {
    this.#armed = this.#paused ? undefined : this.#receiver?.target();
    return this.#armed ?? this.#scratch!;
  }

  /** For `onread`. */
  onRead(n: number, buffer: Uint8Array): boolean {
    if (buffer === this.#armed) {
      this.#armed = undefined;
      this.#receiver?.placed(n);
      return true;
    }
    const goOn = this.#receiver?.take(buffer.subarray(0, n)) !== false;
    if (!goOn) this.#paused = true;
    return goOn;
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#armed = undefined;
    this.#receiver?.closed(this.#error);
  }
}
