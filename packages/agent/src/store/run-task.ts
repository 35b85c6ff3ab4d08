import type { PieceGeometry } from '@sluice/protocol';
import type { PortableSource } from '../source/index.ts';
import type { PieceReply } from './piece-task.ts';

/** What the piece thread is asked: fetch a run of pieces by itself; hash, compare, write and journal each. */
export interface RunTask {
  id: number;
  source: PortableSource;
  geometry: PieceGeometry;
  first: number;
  count: number;
  /** SHA-256 of each piece of the run, 32 bytes each. */
  digests: Uint8Array;
  fd: number;
  journalFd: number;
  /** Of the journal, and who gives the pieces: see `encodeRecord`. */
  identity: Uint8Array;
  origin: number;
}

/** Asks for the end of a run. */
export interface RunCancel {
  cancel: number;
}

/** How a run goes on. */
export interface RunReply {
  run: number;
  /** That came since the last reply. */
  bytes: number;
  /** How those pieces went that got whole since then, in the order of the run. */
  pieces: PieceReply['result'][];
  /** Nothing more will come: all is there, or it was ended, or failed. */
  ended: boolean;
}
