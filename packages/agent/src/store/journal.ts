import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { type PieceGeometry, PieceMap, pieceLength } from '@sluice/protocol';
import { crc32 } from './crc32.ts';
import { errnoOf } from './disk-error.ts';
import { type FileOps, realFiles } from './file-ops.ts';
import { writeAtomically } from './write-atomically.ts';

/*
 * Which pieces the data file holds, and who sent them. A header of 64 bytes, then one record of 8
 * bytes per piece, at the place of the piece: writing one again changes nothing, a torn or corrupt
 * record costs its own piece only, and one that was never written is zeros, which claims nothing.
 *
 * header: 8 bytes magic ‖ u32 version ‖ 32 bytes identity ‖ 16 bytes boot id ‖ u32 CRC-32 of these
 * record: u32 piece ‖ u8 origin ‖ u24 check; all big-endian
 */

const magic = Buffer.from('SLUICEPJ', 'latin1');
const version = 1;
const headerLength = 64;
const recordLength = 8;

/** What the bytes of an entry are bytes of. */
export interface ContentIdentity extends PieceGeometry {
  /** Base64, when every piece is checked against its digest. */
  hashOfHashes?: string | undefined;
  /** ETag or Last-Modified of the source, when there are no digests. */
  validator?: string | undefined;
}

export interface Journal {
  identity: Buffer;
  boot: Buffer;
  pieces: PieceMap;
  /** Per piece; meaningful where `pieces` has it. */
  origins: Uint8Array;
}

/** 32 bytes that differ when the content does. */
export function identityOf(c: ContentIdentity): Buffer {
  const kind = c.hashOfHashes !== undefined ? 'hash' : c.validator !== undefined ? 'tag' : 'none';
  const text = [c.contentLength, c.pieceSize, kind, c.hashOfHashes ?? c.validator ?? ''].join('\n');
  return createHash('sha256').update(text).digest();
}

export function emptyJournal(identity: Buffer, boot: Buffer, count: number): Journal {
  return { identity, boot, pieces: new PieceMap(count), origins: new Uint8Array(count) };
}

/** Where the record of a piece lies in the journal. */
export function recordPosition(piece: number): number {
  return headerLength + piece * recordLength;
}

export function encodeRecord(identity: Uint8Array, piece: number, origin: number): Buffer {
  const record = Buffer.alloc(recordLength);
  record.writeUInt32BE(piece, 0);
  record.writeUInt8(origin, 4);
  record.writeUIntBE(checkOf(record.subarray(0, 5), identity), 5, 3);
  return record;
}

/** Never zero, so that a record of zeros is none; bound to the identity, so that no other journal's fits. */
function checkOf(start: Uint8Array, identity: Uint8Array): number {
  return crc32(start, crc32(identity)) & 0xffffff || 1;
}

/** Writes the whole journal at once, in place of any before. */
export async function writeJournal(
  path: string,
  journal: Journal,
  files: FileOps = realFiles,
): Promise<void> {
  const header = Buffer.alloc(headerLength);
  magic.copy(header, 0);
  header.writeUInt32BE(version, 8);
  journal.identity.copy(header, 12);
  journal.boot.copy(header, 44);
  header.writeUInt32BE(crc32(header.subarray(0, 60)), 60);
  const last = lastSet(journal.pieces);
  const bytes = Buffer.alloc(recordPosition(last + 1));
  header.copy(bytes);
  for (let p = journal.pieces.nextSet(0); p !== -1; p = journal.pieces.nextSet(p + 1)) {
    encodeRecord(journal.identity, p, journal.origins[p]!).copy(bytes, recordPosition(p));
  }
  await writeAtomically(path, bytes, { files });
}

/**
 * Reads the journal of a content of `count` pieces.
 * @returns undefined when there is none, or its header is damaged: nothing is known then.
 */
export async function readJournal(path: string, count: number): Promise<Journal | undefined> {
  const bytes = await readUpTo(path, recordPosition(count));
  if (!bytes || bytes.length < headerLength || !bytes.subarray(0, 8).equals(magic))
    return undefined;
  if (bytes.readUInt32BE(8) !== version) return undefined;
  if (bytes.readUInt32BE(60) !== crc32(bytes.subarray(0, 60))) return undefined;
  const identity = bytes.subarray(12, 44);
  const journal = emptyJournal(identity, bytes.subarray(44, 60), count);
  for (let p = 0; recordPosition(p + 1) <= bytes.length; p++) {
    const record = bytes.subarray(recordPosition(p), recordPosition(p + 1));
    if (record.readUInt32BE(0) !== p) continue;
    if (record.readUIntBE(5, 3) !== checkOf(record.subarray(0, 5), identity)) continue;
    journal.pieces.set(p);
    journal.origins[p] = record[4]!;
  }
  return journal;
}

/** Bytes that came from each origin: tag → bytes. */
export function bytesByOrigin(journal: Journal, geometry: PieceGeometry): Record<number, number> {
  const bytes: Record<number, number> = {};
  for (let p = journal.pieces.nextSet(0); p !== -1; p = journal.pieces.nextSet(p + 1)) {
    const origin = journal.origins[p]!;
    bytes[origin] = (bytes[origin] ?? 0) + pieceLength(geometry, p);
  }
  return bytes;
}

function lastSet(pieces: PieceMap): number {
  let last = -1;
  for (let p = pieces.nextSet(0); p !== -1; p = pieces.nextSet(p + 1)) last = p;
  return last;
}

/** The first `limit` bytes of a file; undefined when it is not there. */
async function readUpTo(path: string, limit: number): Promise<Buffer | undefined> {
  try {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.alloc(Math.min(size, limit));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
