import { type PieceGeometry, PieceMap, pieceCount, pieceLength } from '@sluice/protocol';
import type { Drive } from './drive.ts';
import { describe, type ObjectOutline, type ObjectRecord, parseRecord } from './object-record.ts';
import { Segment } from './segment.ts';

const manyRows = 64;

/**
 * One state of one object (URL and identity): what is known of it and which of its pieces are on
 * disk. A changed object is another StoredObject. Only the store changes it.
 */
export class StoredObject {
  readonly url: string;
  readonly segmentPieces: number;
  readonly geometry: PieceGeometry;
  readonly pieces: PieceMap;
  /** By their place in the object. */
  readonly segments: (Segment | undefined)[];
  segmentCount = 0;
  /** Where its pieces are; undefined while nothing of it is on disk. */
  drive: Drive | undefined = undefined;
  /** Of the object in the index of the drive. */
  id = 0;
  /** Whether that index knows of it. */
  noted = false;
  /** Of its content class. */
  className = '';
  /** Whether it must not be evicted. */
  pinned = false;
  /** Whether its record is kept as it is needed for an answer. */
  recent = false;
  /** Answers and fills under way. */
  users = 0;
  /** Whether it is what its URL stands for now. */
  current = true;
  #checked: PieceMap | undefined;
  #record: ObjectRecord | undefined;
  /** The record as the index has it, for one that nobody has asked for lately. */
  #described: string | undefined;
  #urlHash: number | undefined;

  /** From its record, or from what an index says of it. */
  constructor(of: ObjectRecord | (ObjectOutline & { described: string })) {
    this.url = of.url;
    this.segmentPieces = of.segmentPieces;
    const contentLength = 'described' in of ? of.length : of.identity.length;
    this.geometry = { contentLength, pieceSize: of.pieceSize };
    this.pieces = new PieceMap(pieceCount(this.geometry));
    const rows = Math.ceil(this.pieces.length / this.segmentPieces);
    // An array that grows takes room for 17 at once, which counts with a million of them.
    this.segments = new Array(Math.min(rows, manyRows));
    if ('described' in of) this.#described = of.described;
    else this.#record = of;
  }

  get record(): ObjectRecord {
    this.#record ??= parseRecord(this.#described ?? '');
    if (!this.#record) throw new Error(`the record of ${this.url} is of another version`);
    return this.#record;
  }

  set record(record: ObjectRecord) {
    this.#record = record;
    this.#described = undefined;
  }

  /** Whether its record can be read. */
  get hasRecord(): boolean {
    this.#record ??= parseRecord(this.#described ?? '');
    return this.#record !== undefined;
  }

  /** Keeps the text of the record only, which takes a tenth of the memory. */
  fold(): void {
    this.#described = this.described;
    this.#record = undefined;
  }

  /** Takes up the text of a record that came later in the index. */
  redescribe(text: string): void {
    this.#described = text;
    this.#record = undefined;
  }

  /** The text of its record, for the index. */
  get described(): string {
    return this.#described ?? describe(this.record);
  }

  /** Pieces that this process wrote or has checked against their CRC since it started. */
  get checked(): PieceMap {
    this.#checked ??= new PieceMap(this.pieces.length);
    return this.#checked;
  }

  get urlHash(): number {
    this.#urlHash ??= hashOf(this.url);
    return this.#urlHash;
  }

  get length(): number {
    return this.geometry.contentLength;
  }

  pieceAt(offset: number): number {
    return Math.floor(offset / this.geometry.pieceSize);
  }

  pieceLength(piece: number): number {
    return pieceLength(this.geometry, piece);
  }

  segmentIndex(piece: number): number {
    return Math.floor(piece / this.segmentPieces);
  }

  segmentOf(piece: number): Segment | undefined {
    return this.segments[this.segmentIndex(piece)];
  }

  crcOf(piece: number): number {
    return this.segmentOf(piece)!.crcs[piece % this.segmentPieces]!;
  }

  addSegment(index: number, drive: Drive, id: number): Segment {
    const segment = new Segment(this, index, drive, id);
    this.segments[index] = segment;
    this.segmentCount++;
    return segment;
  }

  /** What it held is no longer there. */
  dropSegment(segment: Segment): void {
    if (!segment.isCurrent) return;
    this.segments[segment.index] = undefined;
    this.segmentCount--;
    for (let i = 0; i < segment.crcs.length; i++) {
      this.pieces.clear(segment.firstPiece + i);
      this.#checked?.clear(segment.firstPiece + i);
    }
  }

  /** Its segments, without the holes. */
  *eachSegment(): Generator<Segment> {
    for (const segment of this.segments) if (segment) yield segment;
  }
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Whether of two states of one object on one drive the first is what the source gave last. */
export function isNewer(a: StoredObject, b: StoredObject): boolean {
  if (a.drive !== b.drive || !a.hasRecord || !b.hasRecord) return false;
  return a.record.freshness.receivedAt > b.record.freshness.receivedAt;
}
