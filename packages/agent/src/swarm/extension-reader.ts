import { isSluiceError, sluiceError } from '@sluice/protocol';
import type { SwarmSocket } from './swarm-socket.ts';

const extensionType = 20;
/** Bytes of a message that is read here at most. */
const maxLength = 256;
const headLength = 6;

/** Reads extension messages one by one, before a connection has its own reader; what comes behind stays. */
export class ExtensionReader {
  readonly #socket: SwarmSocket;
  #bytes: Buffer;
  #wake: () => void = () => {};
  #over: { error: Error | undefined } | undefined;

  /** @param rest what has come already. */
  constructor(socket: SwarmSocket, rest: Uint8Array) {
    this.#socket = socket;
    this.#bytes = Buffer.from(rest);
    socket.setReceiver({
      target: () => undefined,
      placed: () => {},
      take: (chunk) => {
        this.#bytes = Buffer.concat([this.#bytes, chunk]);
        this.#wake();
        // Until somebody wants more: what is read here is bounded.
        return false;
      },
      closed: (error) => {
        this.#over = { error };
        this.#wake();
      },
    });
  }

  /** What came behind the last message. */
  get rest(): Uint8Array {
    return this.#bytes;
  }

  /** The body of the next message; undefined when it is another than this extension. @throws PeerLost */
  async next(id: number): Promise<Buffer | undefined> {
    for (;;) {
      if (this.#bytes.length >= headLength) {
        const length = this.#bytes.readUInt32BE(0);
        const isIt = this.#bytes[4] === extensionType && this.#bytes[5] === id;
        if (!isIt || length > maxLength) return undefined;
        const end = 4 + length;
        if (this.#bytes.length >= end) {
          const body = this.#bytes.subarray(headLength, end);
          this.#bytes = this.#bytes.subarray(end);
          return body;
        }
      }
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    if (!this.#over) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#socket.resume();
      });
    }
    if (!this.#over) return;
    const { error } = this.#over;
    const peer = this.#socket.remoteAddress;
    const detail = error?.message ?? 'closed before its proof';
    // Who ended it has said why.
    if (isSluiceError(error)) throw error;
    throw sluiceError('PeerLost', { peer, detail, retryable: true }, { cause: error });
  }
}
