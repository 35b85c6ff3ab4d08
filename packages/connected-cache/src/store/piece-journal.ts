import { crc32 } from 'node:zlib';

/** A piece came to be on disk, or is there no more. */
export interface JournalEntry {
  piece: number;
  /** CRC-32 of its bytes; undefined = gone. */
  crc: number | undefined;
}

/*
 * On disk an entry has 12 bytes, little-endian: u32 piece, with the top bit set when it is gone;
 * u32 CRC of its bytes; u32 CRC of these 8 bytes. Entries are only ever appended.
 */
const entryLength = 12;
const goneBit = 0x80000000;

export function encodeEntries(entries: readonly JournalEntry[]): Uint8Array {
  const bytes = Buffer.alloc(entries.length * entryLength);
  entries.forEach(({ piece, crc }, i) => {
    const at = i * entryLength;
    bytes.writeUInt32LE((crc === undefined ? piece | goneBit : piece) >>> 0, at);
    bytes.writeUInt32LE(crc ?? 0, at + 4);
    bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 8)), at + 8);
  });
  return bytes;
}

/**
 * Reads a journal as far as it is whole; what follows a torn or damaged entry does not count.
 * @param pieceCount of the object: an entry for a piece beyond it is damage.
 * @returns the CRC of each piece that is on disk; `whole` = nothing was left out.
 */
export function replayJournal(
  journal: Uint8Array,
  pieceCount: number,
): { crcs: Map<number, number>; whole: boolean; entries: number } {
  const bytes = Buffer.from(journal.buffer, journal.byteOffset, journal.byteLength);
  const crcs = new Map<number, number>();
  let at = 0;
  for (; at + entryLength <= bytes.length; at += entryLength) {
    const head = bytes.subarray(at, at + 8);
    const word = head.readUInt32LE(0);
    const piece = word & ~goneBit;
    if (bytes.readUInt32LE(at + 8) !== crc32(head) || piece >= pieceCount) break;
    if ((word & goneBit) !== 0) crcs.delete(piece);
    else crcs.set(piece, head.readUInt32LE(4));
  }
  return { crcs, whole: at === bytes.length, entries: at / entryLength };
}
