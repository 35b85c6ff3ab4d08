import type { FileHandle } from 'node:fs/promises';
import type { ObjectFiles } from './object-files.ts';
import type { StoredObject } from './stored-object.ts';

/**
 * A row of pieces of one object that share a data file: the unit of eviction. An object of up to
 * `segmentPieces` pieces is one file; of a longer one, what is not asked for can go.
 */
export class Segment {
  readonly object: StoredObject;
  readonly index: number;
  readonly files: ObjectFiles;
  /** Offset of its first byte in the object. */
  readonly start: number;
  /** CRC-32 of each piece that is there, by its place in the segment. */
  readonly crcs: Uint32Array;
  /** Bytes of the pieces that are there. */
  bytes = 0;
  /** Bytes of the pieces that are being filled. */
  reserved = 0;
  /** Who reads or fills it just now; it is not evicted meanwhile. */
  users = 0;
  /** Wall time in ms of the last time stamp of the file. */
  stampedAt = 0;
  #file: Promise<FileHandle> | undefined;

  constructor(object: StoredObject, index: number, files: ObjectFiles) {
    const { pieceSize, segmentPieces } = object.record;
    this.object = object;
    this.index = index;
    this.files = files;
    this.start = index * segmentPieces * pieceSize;
    this.crcs = new Uint32Array(segmentPieces);
  }

  /** The open data file; only for those who pinned the segment. @throws what opening throws */
  file(): Promise<FileHandle> {
    this.#file ??= this.files.openSegment(this.index).catch((error) => {
      this.#file = undefined;
      throw error;
    });
    return this.#file;
  }

  /** Closes the file when it is open; it opens again when needed. */
  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await (await file)?.close();
  }
}
