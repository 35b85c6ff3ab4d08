import { sluiceError } from '../errors/index.ts';
import { pieceCount } from '../pieces/index.ts';
import { encodeBase64Digest } from './base64-digest.ts';
import { JsonScanner } from './json-scanner.ts';
import * as limits from './limits.ts';
import type { PiecesHashFile } from './pieces-hash-file.ts';

/** Bytes of a digest in the file at the least: 44 characters and two quotes. */
const minDigestText = 46;

interface Fields {
  MajorVersion?: 1;
  MinorVersion?: 0;
  HashOfHashes?: string;
  ContentLength?: number;
  PieceSize?: number;
  Pieces?: Uint8Array;
}

/**
 * Reads a pieces hash file (wire.md §1). Keys may stand in any order; each exactly once, no others.
 * Allocates no more than the input's own size, whatever it says.
 * The result is well formed, not trusted: see `verifyPiecesHashFile`.
 * @param bytes UTF-8 JSON, at most `maxPhfBytes`.
 * @param options.maxPieces refuse more pieces than this; `maxPieces` when not given.
 * @throws PhfInvalid, PhfVersion, PhfTooLarge
 */
export function parsePiecesHashFile(
  bytes: Uint8Array,
  options: { maxPieces?: number } = {},
): PiecesHashFile {
  if (bytes.length > limits.maxPhfBytes) {
    throw sluiceError('PhfTooLarge', {
      detail: `${bytes.length} bytes, the limit is ${limits.maxPhfBytes}`,
    });
  }
  const scan = new JsonScanner(bytes);
  const fields: Fields = {};
  scan.expect('{');
  if (!scan.take('}')) {
    do {
      readField(scan, fields, options.maxPieces ?? limits.maxPieces);
    } while (scan.take(','));
    scan.expect('}');
  }
  scan.end();
  return checked(fields);
}

function readField(scan: JsonScanner, fields: Fields, maxPieces: number): void {
  const key = scan.string('key');
  if (Object.hasOwn(fields, key)) throw scan.fail(`${key} is there twice`);
  scan.expect(':');
  switch (key) {
    case 'MajorVersion':
      fields.MajorVersion = version(key, scan.integer(key), 1);
      return;
    case 'MinorVersion':
      fields.MinorVersion = version(key, scan.integer(key), 0);
      return;
    case 'HashOfHashes':
      fields.HashOfHashes = readHashOfHashes(scan);
      return;
    case 'ContentLength':
      fields.ContentLength = scan.integer(key);
      return;
    case 'PieceSize':
      fields.PieceSize = readPieceSize(scan);
      return;
    case 'Pieces':
      fields.Pieces = readDigests(scan, maxPieces);
      return;
    default:
      throw scan.fail('unknown key');
  }
}

function version<V extends number>(key: string, value: number, known: V): V {
  if (value !== known) throw sluiceError('PhfVersion', { key, value, known });
  return known;
}

function readHashOfHashes(scan: JsonScanner): string {
  const digest = new Uint8Array(limits.digestLength);
  scan.digest(digest, 0, () => 'HashOfHashes');
  return encodeBase64Digest(digest, 0);
}

function readPieceSize(scan: JsonScanner): number {
  const size = scan.integer('PieceSize');
  if (size < limits.minPieceSize || size > limits.maxPieceSize) {
    throw scan.fail(`PieceSize is not from ${limits.minPieceSize} to ${limits.maxPieceSize}`);
  }
  return size;
}

function readDigests(scan: JsonScanner, maxPieces: number): Uint8Array {
  scan.expect('[');
  if (scan.take(']')) return new Uint8Array(0);
  // What the rest of the file can hold at most, so that nothing has to grow.
  const room = Math.min(maxPieces, Math.floor(scan.left / minDigestText));
  const digests = new Uint8Array(room * limits.digestLength);
  let count = 0;
  do {
    if (count === maxPieces) {
      throw sluiceError('PhfTooLarge', { detail: `more than ${maxPieces} pieces` });
    }
    scan.digest(digests, count * limits.digestLength, () => `Pieces[${count}]`);
    count++;
  } while (scan.take(','));
  scan.expect(']');
  const length = count * limits.digestLength;
  return length === digests.length ? digests : digests.slice(0, length);
}

function checked(fields: Fields): PiecesHashFile {
  const phf = {
    majorVersion: required(fields, 'MajorVersion'),
    minorVersion: required(fields, 'MinorVersion'),
    hashOfHashes: required(fields, 'HashOfHashes'),
    contentLength: required(fields, 'ContentLength'),
    pieceSize: required(fields, 'PieceSize'),
    digests: required(fields, 'Pieces'),
  };
  const count = phf.digests.length / limits.digestLength;
  const expected = pieceCount(phf);
  if (count !== expected) {
    throw sluiceError('PhfInvalid', {
      detail: `${count} pieces, but ${phf.contentLength} bytes in pieces of ${phf.pieceSize} are ${expected}`,
    });
  }
  return phf;
}

function required<K extends keyof Fields>(fields: Fields, key: K): NonNullable<Fields[K]> {
  const value = fields[key];
  if (value === undefined) throw sluiceError('PhfInvalid', { detail: `${key} is missing` });
  return value;
}
