import { type PieceGeometry, PieceMap, pieceCount, pieceLength } from '@sluice/protocol';
import type { ObjectFiles } from './object-files.ts';
import type { ObjectRecord } from './object-record.ts';
import type { JournalEntry } from './piece-journal.ts';
import { Segment } from './segment.ts';

/**
 * One state of one object (URL and identity): what is known of it and which of its pieces are on
 * disk. A changed object is another StoredObject. Only CacheStore changes it.
 */
export class StoredObject {
  record: ObjectRecord;
  readonly geometry: PieceGeometry;
  readonly pieces: PieceMap;
  /** Pieces that this process wrote or has checked against their CRC since it started. */
  readonly checked: PieceMap;
  readonly segments = new Map<number, Segment>();
  /** Undefined while nothing of it is on disk. */
  files: ObjectFiles | undefined;
  /** Answers and fills under way. */
  users = 0;
  /** Whether it is what its URL stands for now. */
  current = true;

  constructor(record: ObjectRecord) {
    this.record = record;
    this.geometry = { contentLength: record.identity.length, pieceSize: record.pieceSize };
    const count = pieceCount(this.geometry);
    this.pieces = new PieceMap(count);
    this.checked = new PieceMap(count);
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
    return Math.floor(piece / this.record.segmentPieces);
  }

  segmentOf(piece: number): Segment | undefined {
    return this.segments.get(this.segmentIndex(piece));
  }

  crcOf(piece: number): number {
    return this.segmentOf(piece)!.crcs[piece % this.record.segmentPieces]!;
  }

  addSegment(index: number, files: ObjectFiles): Segment {
    const segment = new Segment(this, index, files);
    this.segments.set(index, segment);
    return segment;
  }

  /** All that its journal should say. */
  journalState(): JournalEntry[] {
    const entries: JournalEntry[] = [];
    for (let i = this.pieces.nextSet(0); i >= 0; i = this.pieces.nextSet(i + 1)) {
      entries.push({ piece: i, crc: this.crcOf(i) });
    }
    return entries;
  }
}
