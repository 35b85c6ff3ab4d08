import { connect, type OnReadOpts, type Socket } from 'node:net';
import { readingInto } from './accepted-socket.ts';

/** What a connection does with the bytes that come. */
export interface Receiver {
  /** Where the next bytes may be read straight to; undefined: into the socket's own buffer, then `take`. */
  target(): Uint8Array | undefined;
  /** `n` bytes were read to the start of the last target. */
  placed(n: number): void;
  /** Takes a chunk, which is reused afterwards. @returns false to stop reading until `resume`. */
  take(chunk: Uint8Array): boolean;
  /** The connection is over; called once. */
  closed(error: Error | undefined): void;
}

/**
 * What is no content is read into this. One for all sockets: a read and the call that takes its bytes
 * follow each other at once. Small, because content that comes in behind a message is copied.
 */
const scratch = new Uint8Array(16 * 1024);

/**
 * A TCP connection to a peer that reads straight into the receiver's target, so that content is not
 * copied in user space.
 *
 * At the point of danger: Node asks for the place of the *next* read right after each one. Whatever
 * was named then will be written to by the next read, whenever that comes, so a target must stay the
 * receiver's until `placed` or `closed`. While paused the scratch is named: a pause can be long.
 */
export class SwarmSocket {
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Resolves when the connection is over. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  #receiver: Receiver | undefined;
  #armed: Uint8Array | undefined;
  #paused = true;
  #error: Error | undefined;
  #closed = false;

  private constructor(socket: Socket, reader: Reader) {
    this.#socket = socket;
    // Asked now: once it is closed the socket no longer knows.
    this.remoteAddress = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
    this.remotePort = socket.remotePort ?? 0;
    reader.socket = this;
    socket.pause();
    socket.setNoDelay(true);
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    socket.on('end', () => socket.destroy());
    this.gone = new Promise((resolve) => {
      socket.on('close', () => {
        this.#onClose();
        resolve();
      });
    });
  }

  /** Connects; `signal` ends the attempt. @throws what the system says; the reason of `signal`. */
  static async dial(host: string, port: number, signal: AbortSignal): Promise<SwarmSocket> {
    const reader = new Reader();
    signal.throwIfAborted();
    const socket = connect({ host, port, onread: reader });
    // Else it reads as soon as it is connected, when there is nobody yet to take what comes.
    socket.pause();
    const onAbort = () => socket.destroy(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('error', reject);
        socket.once('close', () => reject(new Error('closed')));
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    return new SwarmSocket(socket, reader);
  }

  /**
   * @param raw accepted by a server with `pauseOnConnect`, and not touched since.
   * @param move has it read into own buffers, if it can.
   */
  static accept(raw: Socket, move = readingInto): SwarmSocket {
    const reader = new Reader();
    const moved = move(raw, reader);
    if (moved) return new SwarmSocket(moved, reader);
    const made = new SwarmSocket(raw, reader);
    // Paused explicitly, it stays so with a listener for 'data'.
    raw.on('data', (chunk) => {
      if (!made.onRead(chunk.length, chunk)) made.pause();
    });
    return made;
  }

  /** Bytes that the kernel has not taken. */
  get unsent(): number {
    return this.#socket.writableLength;
  }

  /** Gives the connection to a receiver; nothing flows before `resume`. */
  setReceiver(receiver: Receiver): void {
    this.#receiver = receiver;
    if (this.#closed) receiver.closed(this.#error);
  }

  /**
   * @param done called once the bytes may be reused: the kernel has them, or (`sent` false) the
   *   connection is over.
   */
  write(parts: Uint8Array[], done?: (sent: boolean) => void): void {
    if (this.#closed || this.#socket.destroyed) {
      done?.(false);
      return;
    }
    const last = parts.length - 1;
    this.#socket.cork();
    for (const [i, part] of parts.entries()) {
      const isLast = i === last && done !== undefined;
      this.#socket.write(part, isLast ? (error) => done(!error && !this.#closed) : undefined);
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

  /** For the reader: names the place of the next read. */
  bufferForRead(): Uint8Array {
    this.#armed = this.#paused ? undefined : this.#receiver?.target();
    return this.#armed ?? scratch;
  }

  /** For the reader. @returns false to stop reading. */
  onRead(n: number, buffer: Uint8Array): boolean {
    if (buffer === this.#armed) {
      this.#armed = undefined;
      this.#receiver?.placed(n);
    } else if (this.#receiver?.take(buffer.subarray(0, n)) === false) {
      this.#paused = true;
    }
    return !this.#paused;
  }

  #onClose(): void {
    this.#closed = true;
    this.#armed = undefined;
    this.#receiver?.closed(this.#error);
  }
}

/** Node wants to know how to read before there is a socket to ask. */
class Reader implements OnReadOpts {
  socket: SwarmSocket | undefined;
  buffer = (): Uint8Array => this.socket?.bufferForRead() ?? scratch;
  callback = (n: number, buffer: Uint8Array): boolean => this.socket?.onRead(n, buffer) ?? true;
}
