import { frameHead, newFrame, sealFrame } from './frames.ts';

/**
 * What the index of a drive says. Ids are numbers below 2^48; a data file has an id of its own, used
 * for no other file ever again, so what is said of one that is gone can never fit another.
 */
export type IndexEntry =
  /** `described`: the text of `describe`. */
  | { kind: 'object'; id: number; described: string }
  | { kind: 'objectGone'; id: number }
  /** `object` has a data file for its `index`th row of pieces. */
  | { kind: 'segment'; id: number; object: number; index: number }
  | { kind: 'segmentGone'; id: number }
  /** Wall time in ms. */
  | { kind: 'used'; id: number; at: number }
  /** `place` of the piece in its segment; CRC-32 of its bytes. */
  | { kind: 'piece'; id: number; place: number; crc: number }
  | { kind: 'lost'; id: number; place: number }
  | { kind: 'segmentState'; state: SegmentState };

/** All that is known of a data file. */
export interface SegmentState {
  id: number;
  object: number;
  index: number;
  usedAt: number;
  heat: number;
  proved: boolean;
  /** For each piece that is there its place, and its CRC after it. */
  pieces: Uint32Array;
}

type Kind = IndexEntry['kind'];

/** Types of the frames on disk. */
const types: Record<Kind, number> = {
  object: 1,
  objectGone: 2,
  segment: 3,
  segmentGone: 4,
  used: 5,
  piece: 6,
  lost: 7,
  segmentState: 8,
};
const kinds = Object.fromEntries(Object.entries(types).map(([kind, type]) => [type, kind as Kind]));

/** Bytes of an entry of a kind of which many stand in one frame; the others fill a frame each. */
const rowLengths: Partial<Record<Kind, number>> = {
  objectGone: 6,
  segment: 16,
  segmentGone: 6,
  used: 14,
  piece: 14,
  lost: 10,
};
/** A frame is written at once and checked as one: a torn one costs no more than so many entries. */
const maxRows = 4096;

/** The frames of the entries, in their order. */
export function encodeEntries(entries: readonly IndexEntry[]): Buffer[] {
  const frames: Buffer[] = [];
  for (let i = 0; i < entries.length; ) {
    const { kind } = entries[i]!;
    const rowLength = rowLengths[kind];
    let after = i + 1;
    if (rowLength !== undefined) {
      while (after < entries.length && after - i < maxRows && entries[after]!.kind === kind)
        after++;
    }
    frames.push(
      rowLength === undefined
        ? encodeLone(entries[i]!)
        : encodeRows(entries.slice(i, after), rowLength),
    );
    i = after;
  }
  return frames;
}

function encodeRows(entries: IndexEntry[], rowLength: number): Buffer {
  const frame = newFrame(entries.length * rowLength);
  entries.forEach((entry, i) => {
    writeRow(frame, frameHead + i * rowLength, entry);
  });
  return sealFrame(frame, types[entries[0]!.kind]);
}

function writeRow(frame: Buffer, at: number, entry: IndexEntry): void {
  if (!('id' in entry)) return;
  frame.writeUIntLE(entry.id, at, 6);
  if (entry.kind === 'segment') {
    frame.writeUIntLE(entry.object, at + 6, 6);
    frame.writeUInt32LE(entry.index, at + 12);
  } else if (entry.kind === 'used') {
    frame.writeDoubleLE(entry.at, at + 6);
  } else if (entry.kind === 'piece' || entry.kind === 'lost') {
    frame.writeUInt32LE(entry.place, at + 6);
    if (entry.kind === 'piece') frame.writeUInt32LE(entry.crc, at + 10);
  }
}

function encodeLone(entry: IndexEntry): Buffer {
  if (entry.kind === 'segmentState') return encodeState(entry.state);
  if (entry.kind !== 'object') throw new Error(entry.kind);
  const frame = newFrame(6 + entry.described.length);
  frame.writeUIntLE(entry.id, frameHead, 6);
  frame.write(entry.described, frameHead + 6, 'latin1');
  return sealFrame(frame, types.object);
}

const stateHead = 26;

function encodeState(state: SegmentState): Buffer {
  const { pieces } = state;
  const frame = newFrame(stateHead + pieces.length * 4);
  frame.writeUIntLE(state.id, frameHead, 6);
  frame.writeUIntLE(state.object, frameHead + 6, 6);
  frame.writeUInt32LE(state.index, frameHead + 12);
  frame.writeDoubleLE(state.usedAt, frameHead + 16);
  frame.writeUInt8(state.heat, frameHead + 24);
  frame.writeUInt8(state.proved ? 1 : 0, frameHead + 25);
  for (let i = 0; i < pieces.length; i++) {
    frame.writeUInt32LE(pieces[i]!, frameHead + stateHead + i * 4);
  }
  return sealFrame(frame, types.segmentState);
}

/**
 * The entries of a frame. Its check has been held, so its bytes are what was written.
 * @returns nothing for a type that is not known.
 */
export function decodeFrame(
  bytes: Buffer,
  type: number,
  start: number,
  end: number,
  take: (entry: IndexEntry) => void,
): void {
  const kind = kinds[type];
  if (kind === undefined) return;
  if (kind === 'object') {
    const described = bytes.toString('latin1', start + 6, end);
    take({ kind, id: bytes.readUIntLE(start, 6), described });
  } else if (kind === 'segmentState') {
    take({ kind, state: decodeState(bytes, start, end) });
  } else {
    const rowLength = rowLengths[kind]!;
    for (let at = start; at + rowLength <= end; at += rowLength) take(readRow(bytes, at, kind));
  }
}

function readRow(
  bytes: Buffer,
  at: number,
  kind: Exclude<Kind, 'object' | 'segmentState'>,
): IndexEntry {
  const id = bytes.readUIntLE(at, 6);
  if (kind === 'segment') {
    return { kind, id, object: bytes.readUIntLE(at + 6, 6), index: bytes.readUInt32LE(at + 12) };
  }
  if (kind === 'used') return { kind, id, at: bytes.readDoubleLE(at + 6) };
  if (kind === 'piece') {
    return { kind, id, place: bytes.readUInt32LE(at + 6), crc: bytes.readUInt32LE(at + 10) };
  }
  if (kind === 'lost') return { kind, id, place: bytes.readUInt32LE(at + 6) };
  return { kind, id };
}

/** The pieces of the state are good until the next one is decoded. */
function decodeState(bytes: Buffer, start: number, end: number): SegmentState {
  const numbers = Math.floor((end - start - stateHead) / 4);
  if (numbers > decoded.length) decoded = new Uint32Array(2 * numbers);
  for (let i = 0; i < numbers; i++) decoded[i] = bytes.readUInt32LE(start + stateHead + i * 4);
  return {
    id: bytes.readUIntLE(start, 6),
    object: bytes.readUIntLE(start + 6, 6),
    index: bytes.readUInt32LE(start + 12),
    usedAt: bytes.readDoubleLE(start + 16),
    heat: bytes.readUInt8(start + 24),
    proved: bytes.readUInt8(start + 25) === 1,
    pieces: decoded.subarray(0, numbers),
  };
}

/** One for all: a million small arrays are garbage that a start has no time for. */
let decoded = new Uint32Array(1024);
