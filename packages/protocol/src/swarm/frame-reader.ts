import { BodyBuffer } from './body-buffer.ts';
import {
  bareMessage,
  checkBlock,
  checkMessageLength,
  headLengthOf,
  maxHeadLength,
} from './frame-head.ts';
import { MessageType, type SwarmMessage } from './message.ts';
import { dataView } from './wire.ts';

/**
 * What a FrameReader found, in the order of the wire. Called from within `push` and `skipPieceData`;
 * must not call these itself. To stop reading, throw: `push` passes it on.
 */
export interface FrameHandler {
  /** `bits` and `body` are views that hold only until this returns: copy what is to be kept. */
  onMessage(message: SwarmMessage): void;
  /** A piece message begins: `length` content bytes follow, from byte `offset` of the piece. */
  onPieceStart(piece: number, offset: number, length: number): void;
  /** The next content bytes: a view into the pushed chunk, never empty. */
  onPieceData(view: Uint8Array): void;
  /** All content bytes of the piece message were seen. */
  onPieceEnd(): void;
}

/** Bytes of a head known to be needed before its type is known: the length prefix, then the type. */
const prefixLength = 4;
const prefixAndType = 5;

/**
 * Takes what comes after the handshake (wire.md §2), cut in any way, and gives messages.
 * Content is never copied nor held back: each byte of a chunk is passed on within its `push`.
 * A caller can also read content from the socket straight to where it belongs:
 *
 *     const n = Math.min(reader.pieceBytesLeft, target.length); // read up to n bytes into target, then
 *     reader.skipPieceData(bytesRead);
 *
 * Once `push` has thrown the stream has no meaning any more: each further call throws the same.
 */
export class FrameReader {
  readonly #handler: FrameHandler;
  readonly #head = new Uint8Array(maxHeadLength);
  readonly #headView = dataView(this.#head);
  readonly #body = new BodyBuffer();
  #headHave = 0;
  #headNeed = prefixLength;
  /** Bytes of the bitfield or extension under way; 0 when none is. */
  #bodyLength = 0;
  #pieceLeft = 0;
  #failure: { error: unknown } | undefined;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** Content bytes still to come of the piece message under way; 0 when outside of one. */
  get pieceBytesLeft(): number {
    return this.#pieceLeft;
  }

  /**
   * Reads the next bytes of the stream; `chunk` may be reused after the call.
   * @throws InvalidMessage, MessageTooLong, and what the handler throws.
   */
  push(chunk: Uint8Array): void {
    if (this.#failure) throw this.#failure.error;
    try {
      let at = 0;
      while (at < chunk.length) {
        if (this.#pieceLeft > 0) at = this.#readPiece(chunk, at);
        else if (this.#bodyLength > 0) at = this.#readBody(chunk, at);
        else at = this.#readHead(chunk, at);
      }
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  /**
   * The next `n` content bytes were placed by the caller; no `onPieceData` comes for them.
   * @throws RangeError when `n` is more than `pieceBytesLeft`; and what the handler throws.
   */
  skipPieceData(n: number): void {
    if (this.#failure) throw this.#failure.error;
    if (!Number.isInteger(n) || n < 0 || n > this.#pieceLeft) {
      throw new RangeError(`${n} of ${this.#pieceLeft} piece bytes`);
    }
    if (n === 0) return;
    try {
      this.#pieceLeft -= n;
      if (this.#pieceLeft === 0) this.#handler.onPieceEnd();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  #readPiece(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#pieceLeft);
    this.#pieceLeft -= end - at;
    // Mostly the whole chunk is content: then not even a view is made.
    this.#handler.onPieceData(end - at === chunk.length ? chunk : chunk.subarray(at, end));
    if (this.#pieceLeft === 0) this.#handler.onPieceEnd();
    return end;
  }

  #readHead(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length) {
      this.#head[this.#headHave++] = chunk[at++]!;
      if (this.#headHave === this.#headNeed && this.#headComplete()) break;
    }
    return at;
  }

  /** @returns whether the head ended here, so that what follows is a payload or the next head. */
  #headComplete(): boolean {
    const length = this.#headView.getUint32(0);
    if (this.#headNeed === prefixLength) {
      checkMessageLength(length);
      this.#headNeed = prefixAndType;
      if (length > 0) return false;
      this.#startOver();
      this.#handler.onMessage({ type: 'keepAlive' });
      return true;
    }
    if (this.#headNeed === prefixAndType) {
      this.#headNeed = headLengthOf(this.#head[4]!, length);
      if (this.#headHave < this.#headNeed) return false;
    }
    this.#startOver();
    this.#startMessage(length);
    return true;
  }

  #startOver(): void {
    this.#headHave = 0;
    this.#headNeed = prefixLength;
  }

  #startMessage(length: number): void {
    const bare = bareMessage(this.#headView);
    if (bare) {
      this.#handler.onMessage(bare);
      return;
    }
    if (this.#head[4] === MessageType.piece) {
      const offset = this.#headView.getUint32(9);
      checkBlock(offset, length - 9);
      this.#pieceLeft = length - 9;
      this.#handler.onPieceStart(this.#headView.getUint32(5), offset, length - 9);
      return;
    }
    this.#bodyLength = this.#head[4] === MessageType.bitfield ? length - 1 : length - 2;
    if (this.#bodyLength === 0) this.#bodyComplete(new Uint8Array(0));
  }

  #readBody(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#bodyLength - this.#body.length);
    // Never a Buffer, whatever the chunk is: a handler that keeps `body.slice()` must get a copy.
    const part = new Uint8Array(chunk.buffer, chunk.byteOffset + at, end - at);
    if (part.length === this.#bodyLength) {
      this.#bodyComplete(part);
    } else {
      this.#body.append(part, this.#bodyLength);
      if (this.#body.length === this.#bodyLength) this.#bodyComplete(this.#body.take());
    }
    return end;
  }

  #bodyComplete(body: Uint8Array): void {
    this.#bodyLength = 0;
    this.#handler.onMessage(
      this.#head[4] === MessageType.bitfield
        ? { type: 'bitfield', bits: body }
        : { type: 'extension', id: this.#head[5]!, body },
    );
  }
}
