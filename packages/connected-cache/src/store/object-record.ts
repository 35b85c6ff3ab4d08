import type { Freshness } from '../upstream/freshness.ts';
import type { HeaderList } from '../upstream/headers.ts';
import type { Identity } from '../upstream/identity.ts';

/** What is known of an object beside its bytes; kept in the index of its drive. */
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

/** What must be known of every object of the cache, before anybody asks for it. */
export interface ObjectOutline {
  url: string;
  /** Bytes. */
  length: number;
  pieceSize: number;
  segmentPieces: number;
}

/**
 * The text of a record in the index: what its outline says on two lines, so that a million need not be
 * parsed at the start, and the rest as JSON. All its characters are Latin-1.
 */
export function describe(record: ObjectRecord): string {
  const { url, pieceSize, segmentPieces, ...rest } = record;
  return `${record.identity.length} ${pieceSize} ${segmentPieces}\n${url}\n${JSON.stringify(rest)}`;
}

/** Undefined when the text is not one of `describe`. */
export function outlineOf(text: string): ObjectOutline | undefined {
  const line = text.indexOf('\n');
  const end = text.indexOf('\n', line + 1);
  if (line < 0 || end < 0) return undefined;
  const [length, pieceSize, segmentPieces] = text.slice(0, line).split(' ').map(Number);
  const isOutline =
    isCount(length, 0) &&
    length <= maxObjectLength &&
    isCount(pieceSize, 1) &&
    isCount(segmentPieces, 1) &&
    length / pieceSize <= maxPieces;
  return isOutline
    ? { url: text.slice(line + 1, end), length, pieceSize, segmentPieces }
    : undefined;
}

/** Undefined when the text is of another version. */
export function parseRecord(text: string): ObjectRecord | undefined {
  const outline = outlineOf(text);
  if (!outline) return undefined;
  const { url, pieceSize, segmentPieces } = outline;
  try {
    const rest: unknown = JSON.parse(text.slice(text.indexOf('\n', text.indexOf('\n') + 1) + 1));
    if (!isObject(rest)) return undefined;
    const value = { ...rest, url, pieceSize, segmentPieces };
    return isRecord(value) && value.identity.length === outline.length ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRecord(value: Record<string, unknown>): value is Record<string, unknown> & ObjectRecord {
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
