import {
  type Clock,
  encodePieceHeader,
  maxBlockLength,
  type PieceMap,
  sluiceError,
} from '@sluice/protocol';
import type { Block } from './block-requests.ts';
import type { BlockPart } from './outbox.ts';
import { type BufferHolder, partLength, type UploadBuffers } from './upload-buffers.ts';

/** More requests waiting than any sane peer sends: it floods. */
const maxQueued = 512;
/** A peer that takes nothing for so long has stalled. At 4 KiB/s it still takes a part. */
const stallMs = 60_000;

export interface UploadOptions {
  buffers: UploadBuffers;
  have: PieceMap;
  clock: Clock;
  /** Bytes of a piece. */
  pieceLength: (piece: number) => number;
  /** Fills `target` from the piece. */
  read: (piece: number, offset: number, target: Uint8Array) => Promise<void>;
  /** Sends; `done` tells when the content may be reused, and whether it was `sent`. */
  send: (part: BlockPart, done: (sent: boolean) => void) => void;
  onSent: (bytes: number) => void;
  /** The peer takes nothing: it is to be dropped. */
  onStalled: () => void;
  onFault: (error: unknown) => void;
}

/**
 * Serves one peer's requests in order, in parts: the next one is read while one is written. Holds two
 * buffers at most.
 */
export class UploadQueue implements BufferHolder {
  readonly #options: UploadOptions;
  #queue: Block[] = [];
  /** The block whose first part is being read: nothing of it was sent yet. */
  #opening: Block | undefined;
  #serving = false;
  /** Settles when the part that is being sent is. */
  #written: Promise<void> | undefined;
  #writingSince: number | undefined;
  #closed = false;

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  /** Whether nothing is asked for or on its way. */
  get idle(): boolean {
    return !this.#serving;
  }

  /** @throws InvalidMessage for what cannot be served or too many requests. */
  request(request: Block): void {
    const { piece, offset, length } = request;
    if (!this.#options.have.has(piece)) {
      throw invalid(`asked for piece ${piece}, which is not here`);
    }
    if (length < 1 || length > maxBlockLength) throw invalid(`asked for ${length} bytes`);
    if (offset + length > this.#options.pieceLength(piece)) {
      throw invalid(`asked past the end of piece ${piece}`);
    }
    if (this.#queue.length >= maxQueued) throw invalid(`more than ${maxQueued} requests`);
    if (this.#closed) return;
    this.#queue.push({ piece, offset, length });
    if (!this.#serving) this.#start();
  }

  cancel({ piece, offset, length }: Block): void {
    const isIt = (r: Block) => r.piece === piece && r.offset === offset && r.length === length;
    this.#queue = this.#queue.filter((r) => !isIt(r));
    if (this.#opening && isIt(this.#opening)) this.#opening = undefined;
  }

  /** Drops what waits; a block of which a part was sent is finished. */
  clear(): void {
    this.#queue = [];
    this.#opening = undefined;
  }

  close(): void {
    this.#closed = true;
    this.clear();
  }

  /** To be called every now and then: has a peer dropped that takes nothing. */
  checkStall(): void {
    const { clock, onStalled } = this.#options;
    if (this.#writingSince !== undefined && clock.now() - this.#writingSince >= stallMs)
      onStalled();
  }

  evict(): void {
    this.#options.onStalled();
  }

  /** Never rejects. */
  async #start(): Promise<void> {
    this.#serving = true;
    try {
      await this.#serveAll();
    } catch (error) {
      // Told before the part under way is waited for: it may be held up for long.
      this.#options.onFault(error);
    }
    await this.#written;
    this.#serving = false;
    if (this.#queue.length > 0) this.#start();
  }

  async #serveAll(): Promise<void> {
    for (let block = this.#queue.shift(); block; block = this.#queue.shift()) {
      this.#opening = block;
      for (let at = 0; at < block.length; at += partLength) {
        const buffer = await this.#filled(block, at);
        await this.#written;
        const isWanted = at > 0 || this.#opening === block;
        this.#opening = undefined;
        if (this.#closed || !isWanted) {
          this.#options.buffers.release(buffer);
          break;
        }
        this.#written = this.#write(block, at, buffer);
      }
    }
  }

  async #filled({ piece, offset, length }: Block, at: number): Promise<Uint8Array> {
    const { buffers, read } = this.#options;
    const buffer = await buffers.acquire(this);
    try {
      if (!this.#closed) await read(piece, offset + at, partOf(buffer, length - at));
      return buffer;
    } catch (error) {
      buffers.release(buffer);
      throw error;
    }
  }

  /** Sends a part; never rejects. Resolves when the peer's connection has taken it, or is over. */
  #write({ piece, offset, length }: Block, at: number, buffer: Uint8Array): Promise<void> {
    const { buffers, clock, send, onSent } = this.#options;
    const header = at === 0 ? encodePieceHeader(piece, offset, length) : undefined;
    const content = partOf(buffer, length - at);
    const last = at + content.length === length;
    this.#writingSince = clock.now();
    return new Promise((resolve) => {
      send({ header, content, last }, (sent) => {
        this.#writingSince = undefined;
        buffers.release(buffer);
        if (sent) onSent(content.length);
        resolve();
      });
    });
  }
}

function partOf(buffer: Uint8Array, left: number): Uint8Array {
  return left < buffer.length ? buffer.subarray(0, left) : buffer;
}

function invalid(detail: string): Error {
  return sluiceError('InvalidMessage', { detail });
}
