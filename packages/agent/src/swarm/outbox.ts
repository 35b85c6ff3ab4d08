import { soon } from '../clock/soon.ts';
import type { SwarmSocket } from './swarm-socket.ts';

/** A part of a block on its way to a peer. */
export interface BlockPart {
  /** The head of the piece message, with the block's first part. */
  header: Uint8Array | undefined;
  content: Uint8Array;
  /** Whether the block ends with it. */
  last: boolean;
}

type Done = (sent: boolean) => void;

/**
 * What is sent to one peer, in order. Most messages are a few bytes, and many come up in one turn of the
 * event loop: they go out together at its end, or with a block before that, in one system call. A block
 * goes out in several writes, so that no peer holds much memory; messages that come up meanwhile wait for
 * its end, as they must not land inside it.
 */
export class Outbox {
  readonly #socket: Pick<SwarmSocket, 'write' | 'unsent'>;
  readonly #flushSoon: () => void;
  #inBlock = false;
  #held: Uint8Array[] = [];
  #heldDone: Done[] = [];
  #heldBytes = 0;

  /** @param later has a function called at the end of the turn; many calls in a row are one. */
  constructor(socket: Pick<SwarmSocket, 'write' | 'unsent'>, later = soon) {
    this.#socket = socket;
    this.#flushSoon = later(() => this.flush());
  }

  /** Bytes that the kernel has not taken. */
  get unsent(): number {
    return this.#socket.unsent + this.#heldBytes;
  }

  /** Sends a message. @param done called when it is sent, or (`sent` false) the connection is over. */
  send(bytes: Uint8Array, done?: Done): void {
    if (done) this.#heldDone.push(done);
    this.sendLater(bytes);
    if (!this.#inBlock) this.#flushSoon();
  }

  /** Sends a message that nobody waits for: with the next that goes out, or at the next `flush`. */
  sendLater(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  /**
   * Sends the next part of a block. All parts of one come before the first of the next.
   * @param done called when the memory of the part may be used again, see `send`.
   */
  sendPart({ header, content, last }: BlockPart, done: Done): void {
    const block = header ? [header, content] : [content];
    if (this.#inBlock && !last) this.#socket.write(block, done);
    else if (this.#inBlock) this.#writeHeld(block, [], done);
    else this.#writeHeld([], block, done);
    this.#inBlock = !last;
  }

  /** Sends what waits for the end of the turn; what waits for the end of a block still does. */
  flush(): void {
    if (!this.#inBlock && this.#held.length > 0) this.#writeHeld([], []);
  }

  /** The connection is over: nothing waits any more. */
  close(): void {
    this.#inBlock = false;
    this.flush();
  }

  #writeHeld(before: Uint8Array[], after: Uint8Array[], done?: Done): void {
    const held = this.#held;
    const all = done ? [...this.#heldDone, done] : this.#heldDone;
    this.#held = [];
    this.#heldDone = [];
    this.#heldBytes = 0;
    // One buffer: the system call takes longer by each of many small ones.
    const messages = held.length > 1 ? [Buffer.concat(held)] : held;
    const tell: Done = (sent) => {
      for (const each of all) each(sent);
    };
    this.#socket.write([...before, ...messages, ...after], all.length > 0 ? tell : undefined);
  }
}
