import type { FileHandle } from 'node:fs/promises';
import { type PieceGeometry, type PieceMap, pieceLength } from '@sluice/protocol';
import { diskError } from './disk-error.ts';
import { encodeRecord, recordPosition } from './journal.ts';
import type { PieceWorker } from './piece-worker.ts';

const digestLength = 32;

export interface PieceFiles {
  data: FileHandle;
  journalFile: FileHandle;
  /** Path of the data file, for errors. */
  path: string;
  geometry: PieceGeometry;
  /** Of the journal's header; its records are bound to it. */
  identity: Buffer;
  digests: Uint8Array | undefined;
}

/** Writes of one entry: each piece once, and into `pieces` when it is on disk. */
export class PieceWrites {
  readonly #files: PieceFiles;
  readonly #pieces: PieceMap;
  readonly #worker: PieceWorker;
  readonly #writing = new Map<number, Promise<boolean>>();

  constructor(files: PieceFiles, pieces: PieceMap, worker: PieceWorker) {
    this.#files = files;
    this.#pieces = pieces;
    this.#worker = worker;
  }

  /** See `ContentEntry.writePiece`. */
  async write(
    piece: number,
    bytes: Uint8Array<SharedArrayBuffer>,
    origin: number,
  ): Promise<boolean> {
    for (let first = this.#writing.get(piece); first; first = this.#writing.get(piece)) {
      // When the first one fails, who gave it is told; this one is then tried by itself.
      if (await first.catch(() => false)) return true;
    }
    if (this.#pieces.has(piece)) return true;
    const task = this.#hand(piece, bytes, origin);
    this.#writing.set(piece, task);
    try {
      const written = await task;
      if (written) this.#pieces.set(piece);
      return written;
    } catch (error) {
      throw diskError(error, this.#files.path);
    } finally {
      this.#writing.delete(piece);
    }
  }

  /** Waits until nothing is being written. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writing.values());
  }

  async #hand(
    piece: number,
    bytes: Uint8Array<SharedArrayBuffer>,
    origin: number,
  ): Promise<boolean> {
    const { data, journalFile, geometry, identity, digests } = this.#files;
    if (!(Number.isInteger(piece) && piece >= 0 && piece < this.#pieces.length)) {
      throw new RangeError(`piece ${piece} of ${this.#pieces.length}`);
    }
    const length = pieceLength(geometry, piece);
    if (bytes.length < length) throw new RangeError(`${bytes.length} bytes for piece ${piece}`);
    const at = piece * digestLength;
    return this.#worker.write({
      memory: bytes.buffer,
      offset: bytes.byteOffset,
      length,
      fd: data.fd,
      position: piece * geometry.pieceSize,
      // A copy: a view would take the memory of all digests along.
      digest: digests && new Uint8Array(digests.subarray(at, at + digestLength)),
      journalFd: journalFile.fd,
      journalPosition: recordPosition(piece),
      record: encodeRecord(identity, piece, origin),
    });
  }
}
