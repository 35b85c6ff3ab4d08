/**
 * What a hashing thread is told, and where it answers. Threads share one job: each takes the next
 * unit of pieces by counting `control[nextUnit]` up, so that they end together whatever their speed.
 */
export interface DigestJob {
  /** Open for reading; only positional reads are made. */
  fd: number;
  /** Bytes. */
  contentLength: number;
  /** Bytes, any positive number. */
  pieceSize: number;
  /** The pieces to hash, bit 7 of byte 0 = piece 0; undefined = all. */
  wanted: Uint8Array | undefined;
  /** 32 bytes per piece, over shared memory; pieces not wanted stay zero. */
  digests: Uint8Array<SharedArrayBuffer>;
  control: Int32Array<SharedArrayBuffer>;
}

/** Places in `DigestJob.control`. */
export const nextUnit = 0;
/** Not zero: end at the next chunk. */
export const stop = 1;

export const digestLength = 32;

/** Bytes read at once: large enough that a read costs little beside its hash, small enough for the cache. */
export const chunkSize = 1_048_576;
