import { type PieceGeometry, type PieceRun, pieceLength } from '@sluice/protocol';
import type { RunSink } from '../source/index.ts';
import type { PieceBuffer, PieceBufferPool } from '../store/index.ts';

export interface PieceSinkOptions {
  geometry: PieceGeometry;
  run: PieceRun;
  pool: PieceBufferPool;
  signal: AbortSignal;
  /** Whether the piece is still missing; the bytes of one that is not are thrown away. */
  isWanted: (piece: number) => boolean;
  onBytes: (n: number) => void;
  /** A piece is whole; the buffer goes back to the pool when this settles. */
  onPiece: (piece: number, buffer: PieceBuffer) => Promise<void>;
  /** All bytes of a piece came that is here already. */
  onPresent: (piece: number) => void;
  /** Bytes that came for nothing: of a piece that was here already, or of one that did not get whole. */
  onWaste: (bytes: number) => void;
}

/** Bytes that nobody wants are read into this, whoever sends them. */
const discard = new Uint8Array(64 * 1024);

/** Takes the bytes of a run of pieces, one after the other, into pooled buffers. */
export class PieceSink implements RunSink {
  readonly #options: PieceSinkOptions;
  #piece: number;
  #offset = 0;
  #buffer: PieceBuffer | undefined;
  #discarding = false;
  readonly #writes = new Set<Promise<void>>();
  #fault: { error: unknown } | undefined;

  constructor(options: PieceSinkOptions) {
    this.#options = options;
    this.#piece = options.run.first;
  }

  space(): Uint8Array | undefined {
    const left = pieceLength(this.#options.geometry, this.#piece) - this.#offset;
    if (this.#offset === 0 && !this.#buffer) {
      this.#discarding = !this.#options.isWanted(this.#piece);
    }
    if (this.#discarding) return discard.subarray(0, left);
    this.#buffer ??= this.#options.pool.acquire();
    return this.#buffer?.bytes.subarray(this.#offset, this.#offset + left);
  }

  filled(n: number): void {
    this.#offset += n;
    this.#options.onBytes(n);
    if (this.#offset < pieceLength(this.#options.geometry, this.#piece)) return;
    const piece = this.#piece;
    const buffer = this.#buffer;
    if (buffer) {
      this.#write(piece, buffer);
    } else {
      this.#options.onWaste(this.#offset);
      this.#options.onPresent(piece);
    }
    this.#buffer = undefined;
    this.#offset = 0;
    this.#piece++;
  }

  ready(): Promise<void> {
    return this.#options.pool.whenAvailable(this.#options.signal);
  }

  /**
   * Gives back what is half full and waits for what is being written. No more is to come.
   * @param unused settles when nobody can write any more to the place that was given out last: only then
   *   others may have it. That is not waited for. @throws what a write threw.
   */
  async finish(unused?: Promise<void>): Promise<void> {
    const buffer = this.#buffer;
    this.#buffer = undefined;
    if (buffer) {
      const release = () => this.#options.pool.release(buffer);
      if (unused) unused.then(release, release);
      else release();
    }
    if (this.#offset > 0) this.#options.onWaste(this.#offset);
    this.#offset = 0;
    await Promise.all(this.#writes);
    if (this.#fault) throw this.#fault.error;
  }

  #write(piece: number, buffer: PieceBuffer): void {
    this.#options.pool.full(buffer);
    const write = this.#options
      .onPiece(piece, buffer)
      .catch((error: unknown) => {
        this.#fault ??= { error };
      })
      .finally(() => {
        this.#options.pool.release(buffer);
        this.#writes.delete(write);
      });
    this.#writes.add(write);
  }
}
