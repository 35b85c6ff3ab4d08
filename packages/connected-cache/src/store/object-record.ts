import { crc32 } from 'node:zlib';
import type { Freshness } from '../upstream/freshness.ts';
import type { HeaderList } from '../upstream/headers.ts';
import type { Identity } from '../upstream/identity.ts';

/** What is known of an object beside its bytes; kept in its folder as `record`. */
export interface ObjectRecord {
  /** Canonical: the key of the object. */
  url: string;
  identity: Identity;
  /** Bytes. */
  pieceSize: number;
  /** Pieces per data file. */
  segmentPieces: number;
  headers: HeaderList;
  freshness: Freshness;
}

/** A longer object is not kept: its piece map alone would weigh on the node. 1 TiB. */
export const maxObjectLength = 2 ** 40;

const maxPieces = 2 ** 26;

/** The text of a record: one line with the CRC-32 of the JSON after it. */
export function formatRecord(record: ObjectRecord): string {
  const json = JSON.stringify(record);
  return `${crc32(json).toString(16)}\n${json}`;
}

/** Undefined when the text is damaged or of another version. */
export function parseRecord(text: string): ObjectRecord | undefined {
  const cut = text.indexOf('\n');
  const json = text.slice(cut + 1);
  if (cut < 0 || Number.parseInt(text.slice(0, cut), 16) !== crc32(json)) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRecord(value: unknown): value is ObjectRecord {
  if (!isObject(value)) return false;
  const { url, identity, pieceSize, segmentPieces, headers, freshness } = value;
  return (
    typeof url === 'string' &&
    isIdentity(identity) &&
    isCount(pieceSize, 1) &&
    isCount(segmentPieces, 1) &&
    identity.length / pieceSize <= maxPieces &&
    Array.isArray(headers) &&
    headers.every(isHeader) &&
    isObject(freshness) &&
    [freshness.receivedAt, freshness.initialAgeMs, freshness.lifetimeMs].every(Number.isFinite)
  );
}

function isIdentity(value: unknown): value is Identity {
  if (!isObject(value)) return false;
  const { etag, lastModified, length } = value;
  return (
    (typeof etag === 'string' || (etag === undefined && typeof lastModified === 'string')) &&
    (lastModified === undefined || typeof lastModified === 'string') &&
    isCount(length, 0) &&
    length <= maxObjectLength
  );
}

function isHeader(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every((v) => typeof v === 'string');
}

function isCount(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
