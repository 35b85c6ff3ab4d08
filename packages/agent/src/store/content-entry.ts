import type { PieceMap, PieceRun } from '@sluice/protocol';
import type { PortableSource } from '../source/index.ts';
import type { CachingRecord, JsonValue } from './entry-record.ts';
import type { PieceBuffer } from './piece-buffer-pool.ts';
import type { Placement } from './target-file.ts';

export interface DeliveryOptions {
  keep: boolean;
  held?: boolean;
}

/** Pieces that a thread is to fetch. */
export interface WantedRun {
  run: PieceRun;
  source: PortableSource;
  /** See `writePiece`. */
  originTag: number;
  /** So many have come since the last time. */
  onBytes(bytes: number): void;
  /** The next piece of the run is on disk, or was not good. */
  onPiece(piece: number, good: boolean): void;
}

/** What becomes of what is known so far; the same object means no change. */
export type CachingChange = (now: CachingRecord | undefined) => CachingRecord | undefined;

/** One content on disk, open and locked. After `close`, or a delivery without `keep`, every call throws StoreClosed. */
export interface ContentEntry {
  /** What is on disk. Read only; grows as writes end, and empties on `reset` or when a change is noticed. */
  readonly pieces: PieceMap;
  /** Bytes that were already there when it was opened: origin tag → bytes. */
  readonly recovered: Readonly<Record<number, number>>;
  /**
   * Checks, writes and journals one piece. The buffer must stay untouched until it settles. A piece
   * that is there already, or comes from two sources at once, is written once.
   * @param originTag 0..255, who sent it; comes back in `recovered`.
   * @returns true = the digest is right (or none is known) and it is on disk; false = bad digest,
   *   nothing written.
   * @throws DiskFull, DiskUnwritable, DiskFailed, PieceWorkerLost: the piece is not claimed then, and
   *   may be written again.
   */
  writePiece(piece: number, buffer: PieceBuffer, originTag: number): Promise<boolean>;
  /** Whether `fetchRun` can begin at once: digests are known, and a thread has time. */
  readonly takesRun: boolean;
  /**
   * Has a thread fetch a run of pieces, check, write and journal them, in their order.
   * @returns how many pieces of the run came whole, right or wrong: fewer when it failed or was
   *   aborted; undefined when no thread had time.
   * @throws as `writePiece`
   */
  fetchRun(wanted: WantedRun, signal: AbortSignal): Promise<number | undefined>;
  /**
   * Fills `target` with the bytes of a stored piece from `offset`.
   * @throws Internal when the piece is not there, ContentChanged when somebody changed the file, DiskFailed.
   */
  read(piece: number, offset: number, target: Uint8Array): Promise<void>;
  /** SHA-256 of the complete content, 64 hex digits, read back from the file. @throws Cancelled, DiskFailed */
  sha256(signal?: AbortSignal): Promise<string>;
  /**
   * Brings the complete content to `path`, replacing a file there in one step; never a half-written file.
   * With `keep`: by reflink, else hard link, else copy, and the entry stays to be served. Without: by
   * rename, else copy, and the entry is gone. The mode is 0666 less the umask.
   * @param options.held `path` is what `checkTarget` or `inPlace` gave, not to be resolved again.
   * @throws TargetUnwritable, DiskFull, DiskFailed, Cancelled: the entry is as before then.
   */
  deliver(path: string, options: DeliveryOptions, signal?: AbortSignal): Promise<Placement>;
  /** Replaces what the download was asked. @throws InvalidArgument when it is larger than 1 MiB. */
  setJob(job: JsonValue): Promise<void>;
  /** How long it is to be kept; undefined when nobody has said so. */
  readonly caching: CachingRecord | undefined;
  /** Replaces it. */
  setCaching(change: CachingChange): Promise<void>;
  /** When bytes were last read to be uploaded, by the clock of the store; undefined: not since it was opened. */
  readonly lastRead: number | undefined;
  /** Keeps the complete content without delivering it. */
  keep(): Promise<void>;
  /** Bytes. */
  readonly pieceSize: number;
  /** Which of these pieces are not as their digests say, read back from the file. @throws Cancelled, DiskFailed */
  findBad(pieces: PieceMap, signal?: AbortSignal): Promise<number[]>;
  /** Drops all pieces: the object changed. @param validator of the new object, when it has one. */
  reset(validator?: string): Promise<void>;
  /** The pieces hash file as JSON bytes, to hand to peers; undefined when no digests are known. */
  phf(): Uint8Array | undefined;
  /** Waits for what is under way, and gives the lock back. Closing twice is no fault. */
  close(): Promise<void>;
}
