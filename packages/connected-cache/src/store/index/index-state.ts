import type { Drive } from '../drive.ts';
import { outlineOf } from '../object-record.ts';
import type { Segment } from '../segment.ts';
import { StoredObject } from '../stored-object.ts';
import type { IndexEntry, SegmentState } from './index-entries.ts';

/** What the entries of an index come to, one after another; those about what is not there are dropped. */
export class IndexState {
  /** Data files that had proved to be wanted more than once. */
  readonly proved = new Set<Segment>();
  readonly #drive: Drive;
  readonly #objects = new Map<number, StoredObject>();
  readonly #segments = new Map<number, Segment>();

  constructor(drive: Drive) {
    this.#drive = drive;
  }

  /** Each with a piece at least; there may be several states of one. */
  *objects(): Generator<StoredObject> {
    for (const object of this.#objects.values()) {
      for (const segment of object.segments) {
        if (segment?.bytes === 0) object.dropSegment(segment);
      }
      if (object.pieces.count > 0) yield object;
    }
  }

  readonly apply = (entry: IndexEntry): void => {
    if (entry.kind === 'segmentState') this.#addState(entry.state);
    else if (entry.kind === 'object') this.#addObject(entry.id, entry.described);
    else if (entry.kind === 'objectGone') this.#dropObject(entry.id);
    else if (entry.kind === 'segment') this.#addSegment(entry.id, entry.object, entry.index);
    else this.#applyToSegment(entry);
  };

  #applyToSegment(
    entry: Extract<IndexEntry, { kind: 'segmentGone' | 'used' | 'piece' | 'lost' }>,
  ): void {
    const segment = this.#segments.get(entry.id);
    if (!segment) return;
    if (entry.kind === 'segmentGone') this.#dropSegment(segment);
    else if (entry.kind === 'used') segment.usedAt = entry.at;
    else if (entry.kind === 'piece') setPiece(segment, entry.place, entry.crc);
    else clearPiece(segment, entry.place);
  }

  #addObject(id: number, described: string): void {
    const outline = outlineOf(described);
    if (!outline) return;
    const known = this.#objects.get(id);
    if (known) {
      known.redescribe(described);
      return;
    }
    const object = new StoredObject({ ...outline, described });
    object.id = id;
    object.drive = this.#drive;
    object.noted = true;
    this.#objects.set(id, object);
  }

  #addSegment(id: number, objectId: number, index: number): Segment | undefined {
    const known = this.#segments.get(id);
    if (known) return known;
    const object = this.#objects.get(objectId);
    if (!object || index * object.segmentPieces >= object.pieces.length) return undefined;
    const before = object.segments[index];
    if (before) this.#dropSegment(before);
    const segment = object.addSegment(index, this.#drive, id);
    segment.noted = true;
    this.#segments.set(id, segment);
    return segment;
  }

  #addState(state: SegmentState): void {
    const segment = this.#addSegment(state.id, state.object, state.index);
    if (!segment) return;
    segment.usedAt = state.usedAt;
    segment.heat = state.heat;
    if (state.proved) this.proved.add(segment);
    const { pieces } = state;
    for (let i = 0; i + 1 < pieces.length; i += 2) setPiece(segment, pieces[i]!, pieces[i + 1]!);
  }

  #dropObject(id: number): void {
    const object = this.#objects.get(id);
    if (!object) return;
    for (const segment of object.eachSegment()) this.#dropSegment(segment);
    this.#objects.delete(id);
  }

  #dropSegment(segment: Segment): void {
    segment.object.dropSegment(segment);
    this.#segments.delete(segment.id);
    this.proved.delete(segment);
  }
}

function setPiece(segment: Segment, place: number, crc: number): void {
  if (place >= segment.crcs.length) return;
  const piece = segment.firstPiece + place;
  segment.crcs[place] = crc;
  if (segment.object.pieces.set(piece)) segment.bytes += segment.object.pieceLength(piece);
}

function clearPiece(segment: Segment, place: number): void {
  const piece = segment.firstPiece + place;
  if (place >= segment.crcs.length || !segment.object.pieces.clear(piece)) return;
  segment.bytes -= segment.object.pieceLength(piece);
}
