import type { FileHandle } from 'node:fs/promises';
import { type PieceGeometry, type PieceMap, pieceLength, sluiceError } from '@sluice/protocol';
import type { WantedRun } from './content-entry.ts';
import { diskError } from './disk-error.ts';
import { encodeRecord, recordPosition } from './journal.ts';
import type { PieceReply } from './piece-task.ts';
import type { PieceWorker } from './piece-worker.ts';
import { isWritten } from './thread-worker.ts';

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
  /** What threads fetch by themselves. */
  readonly #runs = new Set<Promise<void>>();

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

  /** See `ContentEntry.fetchRun`. Writing a right piece a second time changes nothing. */
  async fetchRun(wanted: WantedRun, signal: AbortSignal): Promise<number | undefined> {
    const { run, source, originTag } = wanted;
    const { data, journalFile, geometry, identity, digests } = this.#files;
    if (!digests) throw sluiceError('Internal', { detail: 'a run without digests' });
    // Asked here, with nothing between: several runs may have been begun at once.
    if (!this.#worker.takesRun) return undefined;
    const broken = new AbortController();
    let next = run.first;
    // In a listener of the thread a fault would end the process.
    const guarded = (work: () => void) => {
      try {
        work();
      } catch (error) {
        broken.abort(error);
      }
    };
    const onBytes = (bytes: number) => guarded(() => wanted.onBytes(bytes));
    const onPiece = (result: PieceReply['result']) => {
      const piece = next++;
      guarded(() => {
        const good = isWritten(result);
        if (good) this.#pieces.set(piece);
        wanted.onPiece(piece, good);
      });
    };
    const task = {
      ...{ source, geometry, ...run, fd: data.fd, journalFd: journalFile.fd },
      ...{ identity, origin: originTag },
      digests: digests.slice(run.first * digestLength, (run.first + run.count) * digestLength),
    };
    const ends = AbortSignal.any([signal, broken.signal]);
    const running = this.#worker.fetchRun(task, { onBytes, onPiece }, ends);
    this.#runs.add(running);
    try {
      await running;
    } finally {
      this.#runs.delete(running);
    }
    if (broken.signal.aborted) throw diskError(broken.signal.reason, this.#files.path);
    return next - run.first;
  }

  /** Waits until nothing is being written. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#writing.values(), ...this.#runs]);
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
