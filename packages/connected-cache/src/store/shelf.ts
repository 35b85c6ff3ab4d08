import type { WallTime } from '../clock.ts';
import type { Drive } from './drive.ts';
import type { OpenFiles } from './open-files.ts';
import type { Segment } from './segment.ts';
import type { StoredObject } from './stored-object.ts';

export interface ShelfDeps {
  open: OpenFiles;
  wallTime: WallTime;
  /** The drive for a new object. */
  place(object: StoredObject): Drive;
  /** Something of the object goes. */
  goes(object: StoredObject): void;
  /** Nothing of the object is on disk any more. */
  emptied(object: StoredObject): void;
}

/** How exactly the index knows when something was used. */
const noteUseEveryMs = 15 * 60_000;

/** What of the objects is on the drives: it comes, it goes, and the index of the drive is told. */
export class Shelf {
  readonly #deps: ShelfDeps;
  #evicted = 0;

  constructor(deps: ShelfDeps) {
    this.#deps = deps;
  }

  /** Bytes evicted since the start. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Takes in what the index of an opened drive has. */
  restore(drive: Drive, proved: ReadonlySet<Segment>): void {
    const segments: Segment[] = [];
    for (const object of drive.objects) {
      for (const segment of object.segments) if (segment) segments.push(segment);
    }
    segments.sort((a, b) => a.usedAt - b.usedAt);
    for (const segment of segments) {
      segment.notedAt = segment.usedAt;
      drive.space.restore(segment, proved.has(segment));
    }
  }

  /** A data file for a row of pieces that has none. */
  newSegment(object: StoredObject, index: number): Segment {
    if (!object.drive) {
      object.drive = this.#deps.place(object);
      object.id = object.drive.newId();
      object.drive.objects.add(object);
    }
    const segment = object.addSegment(index, object.drive, object.drive.newId());
    object.drive.space.add(segment);
    return segment;
  }

  /** The reserved piece is on disk. */
  keep(segment: Segment, piece: number, crc: number): void {
    const { object, drive, id } = segment;
    const length = object.pieceLength(piece);
    const place = piece - segment.firstPiece;
    segment.crcs[place] = crc;
    object.pieces.set(piece);
    object.checked.set(piece);
    drive.space.change(segment, length, -length);
    if (object.current) {
      this.note(segment);
      drive.note({ kind: 'piece', id, place, crc });
    }
    drive.wrote(length);
  }

  /** The piece is not on disk after all. @returns where it was */
  lose(object: StoredObject, piece: number): Segment | undefined {
    const segment = object.segmentOf(piece);
    if (!segment || !object.pieces.clear(piece)) return undefined;
    object.checked.clear(piece);
    this.#deps.goes(object);
    segment.drive.space.change(segment, -object.pieceLength(piece), 0);
    segment.drive.note({ kind: 'lost', id: segment.id, place: piece - segment.firstPiece });
    return segment;
  }

  /** The index of the drive is to know of the segment, and of its object. */
  note(segment: Segment): void {
    const { object, drive, id, index } = segment;
    if (!object.noted) this.noteObject(object);
    if (segment.noted) return;
    segment.noted = true;
    drive.note({ kind: 'segment', id, object: object.id, index });
    this.noteUse(segment);
  }

  noteObject(object: StoredObject): void {
    object.noted = true;
    object.drive?.note({ kind: 'object', id: object.id, described: object.described });
  }

  noteUse(segment: Segment): void {
    if (!segment.noted || segment.usedAt - segment.notedAt < noteUseEveryMs) return;
    segment.notedAt = segment.usedAt;
    segment.drive.note({ kind: 'used', id: segment.id, at: segment.usedAt });
  }

  /** Has go what must go so that the limits of the drive hold. */
  makeRoom(drive: Drive): void {
    for (const segment of drive.space.makeRoom()) {
      this.#evicted += segment.bytes;
      this.remove(segment);
    }
  }

  /** Takes a segment away; its file goes when its last user has left. */
  remove(segment: Segment): void {
    const { object, drive } = segment;
    if (!segment.isCurrent) return;
    drive.space.remove(segment);
    object.dropSegment(segment);
    this.#deps.goes(object);
    if (segment.noted) drive.note({ kind: 'segmentGone', id: segment.id });
    if (segment.users === 0) this.discard(segment);
    if (object.segmentCount === 0) this.#leave(object, drive);
  }

  /** Takes away all of an object. */
  removeAll(object: StoredObject): void {
    for (const segment of object.eachSegment()) this.remove(segment);
  }

  /** Nobody uses any more what was taken away: its file goes. */
  discard(segment: Segment): void {
    segment.drive.removeData(segment, this.#deps.open.close(segment));
  }

  #leave(object: StoredObject, drive: Drive): void {
    if (object.noted) drive.note({ kind: 'objectGone', id: object.id });
    drive.objects.delete(object);
    object.drive = undefined;
    object.noted = false;
    this.#deps.emptied(object);
  }
}
