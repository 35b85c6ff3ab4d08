import { encodePieceHeader, maxBlockLength, type PieceMap, sluiceError } from '@sluice/protocol';
import type { UploadBuffers } from './upload-buffers.ts';

/** A block that a peer asked for. */
interface Request {
  piece: number;
  offset: number;
  length: number;
}

/** More requests waiting than any sane peer sends: it floods. */
const maxQueued = 512;
/** Blocks of one peer being read or written at once: one on its way while the next is read. */
const maxActive = 2;

export interface UploadOptions {
  buffers: UploadBuffers;
  have: PieceMap;
  /** Bytes of a piece. */
  pieceLength: (piece: number) => number;
  /** Fills `target` from the piece. */
  read: (piece: number, offset: number, target: Uint8Array) => Promise<void>;
  /** Sends; `done` tells when `content` may be reused. */
  send: (header: Uint8Array, content: Uint8Array, done: () => void) => void;
  onSent: (bytes: number) => void;
  onFault: (error: unknown) => void;
}

/** Serves one peer's requests in order. Buffers are shared by all peers and given in turn. */
export class UploadQueue {
  readonly #options: UploadOptions;
  #queue: Request[] = [];
  #active = 0;
  #closed = false;

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  /** @throws InvalidMessage for what cannot be served or too many requests. */
  request(request: Request): void {
    const { piece, offset, length } = request;
    if (!this.#options.have.has(piece)) {
      throw sluiceError('InvalidMessage', {
        detail: `asked for piece ${piece}, which is not here`,
      });
    }
    if (length < 1 || length > maxBlockLength) {
      throw sluiceError('InvalidMessage', { detail: `asked for ${length} bytes` });
    }
    if (offset + length > this.#options.pieceLength(piece)) {
      throw sluiceError('InvalidMessage', { detail: `asked past the end of piece ${piece}` });
    }
    if (this.#queue.length >= maxQueued) {
      throw sluiceError('InvalidMessage', { detail: `more than ${maxQueued} requests` });
    }
    this.#queue.push(request);
    this.#pump();
  }

  cancel({ piece, offset, length }: Request): void {
    this.#queue = this.#queue.filter(
      (r) => r.piece !== piece || r.offset !== offset || r.length !== length,
    );
  }

  /** Drops what waits; what is being sent is finished. */
  clear(): void {
    this.#queue = [];
  }

  close(): void {
    this.#closed = true;
    this.clear();
  }

  #pump(): void {
    while (this.#active < maxActive && this.#queue.length > 0) {
      this.#active++;
      this.#serve(this.#queue.shift()!)
        .catch((error: unknown) => this.#options.onFault(error))
        .finally(() => {
          this.#active--;
          if (!this.#closed) this.#pump();
        });
    }
  }

  async #serve({ piece, offset, length }: Request): Promise<void> {
    const { buffers, read, send, onSent } = this.#options;
    const buffer = await buffers.acquire(length);
    try {
      if (this.#closed) return;
      const content = buffer.subarray(0, length);
      await read(piece, offset, content);
      if (this.#closed) return;
      await new Promise<void>((done) =>
        send(encodePieceHeader(piece, offset, length), content, done),
      );
      onSent(length);
    } finally {
      buffers.release(buffer);
    }
  }
}
