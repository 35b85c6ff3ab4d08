import type { SwarmSocket } from './swarm-socket.ts';

/** A part of a block on its way to a peer. */
export interface BlockPart {
  /** The head of the piece message, with the block's first part. */
  header: Uint8Array | undefined;
  content: Uint8Array;
  /** Whether the block ends with it. */
  last: boolean;
}

/**
 * What is sent to one peer, in order. A block goes out in several writes, so that no peer holds much
 * memory; messages that come up meanwhile wait for its end, as they must not land inside it.
 */
export class Outbox {
  readonly #socket: Pick<SwarmSocket, 'write' | 'unsent'>;
  #inBlock = false;
  #held: { bytes: Uint8Array; done: ((sent: boolean) => void) | undefined }[] = [];
  #heldBytes = 0;

  constructor(socket: Pick<SwarmSocket, 'write' | 'unsent'>) {
    this.#socket = socket;
  }

  /** Bytes that the kernel has not taken. */
  get unsent(): number {
    return this.#socket.unsent + this.#heldBytes;
  }

  /** Sends a message. @param done called when it is sent, or (`sent` false) the connection is over. */
  send(bytes: Uint8Array, done?: (sent: boolean) => void): void {
    if (!this.#inBlock) {
      this.#socket.write([bytes], done);
      return;
    }
    this.#held.push({ bytes, done });
    this.#heldBytes += bytes.length;
  }

  /**
   * Sends the next part of a block. All parts of one come before the first of the next.
   * @param done called when the memory of the part may be used again, see `send`.
   */
  sendPart(part: BlockPart, done: (sent: boolean) => void): void {
    const { header, content, last } = part;
    this.#socket.write(header ? [header, content] : [content], done);
    this.#inBlock = !last;
    if (last) this.#flush();
  }

  /** The connection is over: nothing waits any more. */
  close(): void {
    this.#inBlock = false;
    this.#flush();
  }

  #flush(): void {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const { bytes, done } of held) this.#socket.write([bytes], done);
  }
}
