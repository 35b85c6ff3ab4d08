/** What the piece thread is asked: hash, compare, write, then journal one piece. */
export interface PieceTask {
  id: number;
  /** The memory of the piece buffer; shared, not copied. */
  memory: SharedArrayBuffer;
  /** Where the piece begins in `memory`, and its bytes. */
  offset: number;
  length: number;
  /** The data file, and where the piece begins in it. */
  fd: number;
  position: number;
  /** SHA-256 the piece must have; undefined = none known. */
  digest: Uint8Array | undefined;
  /** The journal, and where the record of the piece lies in it. */
  journalFd: number;
  journalPosition: number;
  record: Uint8Array;
}

export interface PieceReply {
  id: number;
  /** Written and journalled; the digest was wrong and nothing was written; or a file operation failed. */
  result: 'written' | 'mismatch' | { code: string | undefined; message: string };
}
