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

/** Says how fast to send, see `UploadPace`. */
export interface SendingPace {
  /** Waits for its turn. @returns 1 to `wanted` bytes. @throws Cancelled */
  take(wanted: number, signal: AbortSignal): Promise<number>;
  giveBack(bytes: number): void;
  sent(bytes: number): void;
  close(): void;
}

export interface UploadOptions {
  buffers: UploadBuffers;
  have: PieceMap;
  clock: Clock;
  /** How fast it may send. Undefined = no limit. */
  pace?: SendingPace | undefined;
  /** Bytes of a piece. */
  pieceLength: (piece: number) => number;
  /** Fills `target` from the piece. */
  read: (piece: number, offset: number, target: Uint8Array) => Promise<void>;
  /** Sends; `done` tells when the content may be reused, and whether it was `sent`. */
  send: (part: BlockPart, done: (sent: boolean) => void) => void;
  onSent: (bytes: number) => void;
  /** All that was asked for is sent, to the end of a piece. */
  onSentAll: () => void;
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
  /** Whether the last block is the end of its piece. */
  #isPieceEnd = false;
  /** Settles when the part that is being sent is. */
  #written: Promise<void> | undefined;
  #writingSince: number | undefined;
  readonly #end = new AbortController();

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
    this.#end.abort();
    this.clear();
    this.#options.pace?.close();
  }

  get #closed(): boolean {
    return this.#end.signal.aborted;
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
    else if (this.#isPieceEnd && !this.#closed) this.#options.onSentAll();
  }

  async #serveAll(): Promise<void> {
    for (let block = this.#queue.shift(); block; block = this.#queue.shift()) {
      this.#opening = block;
      this.#isPieceEnd = block.offset + block.length === this.#options.pieceLength(block.piece);
      for (let at = 0, length = 0; at < block.length; at += length) {
        length = Math.min(partLength, block.length - at);
        // Before a buffer is taken: it must not be held while others wait for one.
        if (this.#options.pace) length = await this.#granted(this.#options.pace, length);
        const buffer = await this.#filled(block, at, length);
        await this.#written;
        const isWanted = at > 0 || this.#opening === block;
        this.#opening = undefined;
        if (this.#closed || !isWanted) {
          this.#options.buffers.release(buffer);
          if (!this.#closed) this.#options.pace?.giveBack(length);
          break;
        }
        this.#written = this.#write(block, at, buffer, length);
      }
    }
  }

  /** Waits for its turn to send. @returns 1 to `wanted` bytes. */
  async #granted(pace: SendingPace, wanted: number): Promise<number> {
    try {
      return await pace.take(wanted, this.#end.signal);
    } catch (error) {
      if (!this.#closed) throw error;
      // Nothing of it will be sent.
      return wanted;
    }
  }

  async #filled({ piece, offset }: Block, at: number, length: number): Promise<Uint8Array> {
    const { buffers, read } = this.#options;
    const buffer = await buffers.acquire(this);
    try {
      if (!this.#closed) await read(piece, offset + at, buffer.subarray(0, length));
      return buffer;
    } catch (error) {
      buffers.release(buffer);
      throw error;
    }
  }

  /** Sends a part; never rejects. Resolves when the peer's connection has taken it, or is over. */
  #write(block: Block, at: number, buffer: Uint8Array, length: number): Promise<void> {
    const { buffers, clock, send, onSent, pace } = this.#options;
    const header =
      at === 0 ? encodePieceHeader(block.piece, block.offset, block.length) : undefined;
    const content = buffer.subarray(0, length);
    const last = at + length === block.length;
    this.#writingSince = clock.now();
    return new Promise((resolve) => {
      send({ header, content, last }, (sent) => {
        this.#writingSince = undefined;
        buffers.release(buffer);
        if (sent) {
          pace?.sent(content.length);
          onSent(content.length);
        }
        resolve();
      });
    });
  }
}

function invalid(detail: string): Error {
  return sluiceError('InvalidMessage', { detail });
}
