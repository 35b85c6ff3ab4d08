import { readFile, stat } from 'node:fs/promises';
import {
  type DownloadModeName,
  DownloadModes,
  maxPieceSize,
  maxPieces,
  sluiceError,
} from '@sluice/protocol';
import { errnoOf } from './disk-error.ts';
import type { FileOps } from './file-ops.ts';
import { writeAtomically } from './write-atomically.ts';

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | JsonValue[]
  | { [name: string]: JsonValue };

/** The data file as it was when all pieces were there, to notice later that somebody changed it. */
export interface Seal {
  size: number;
  /** Decimal digits; nanoseconds and inode numbers exceed what a double holds. */
  mtimeNs: string;
  ino: string;
  /** Whether a file of the user's is the same inode. */
  linked: boolean;
  /** Whether it is known to have reached the disk: survives a power loss. */
  durable: boolean;
}

/** What decides how long the entry is kept. Times are ms since 1970. */
export interface CachingRecord {
  /** As status shows it. */
  fileId: string;
  /** Without its secrets. */
  url: string;
  /** The download mode it came in. */
  mode: DownloadModeName;
  /** When it was downloaded. */
  since: number;
  /** When it was last delivered or uploaded; may be behind by an hour. */
  usedAt: number;
  isPinned: boolean;
  /** Set by an admin. */
  expireOn?: number;
  /** What the content policy said when it was downloaded. Seconds; ms since 1970. */
  publisher?: { maxAgeSecs?: number; expireAt?: number };
}

/** What `entry.json` holds: what the bytes are of, and what the download was asked. */
export interface EntryRecord {
  key: string;
  /** Bytes. */
  contentLength: number;
  /** Bytes. */
  pieceSize: number;
  hashOfHashes?: string;
  validator?: string;
  job?: JsonValue;
  seal?: Seal;
  /** Whether the caller's path got the content while the entry was kept. */
  delivered?: boolean;
  /** Absent: nobody has asked to keep it, it is there to be gone on with. */
  caching?: CachingRecord;
}

/** Bytes of `entry.json`, by far enough for a download request. */
const maxRecordBytes = 1_048_576;
const maxTextLength = 8192;
const formatVersion = 1;
/** The last ms that a Date can have. */
const maxTime = 8.64e15;

/** @throws InvalidArgument when it is larger than `entry.json` may be; what writing throws. */
export async function writeEntryRecord(
  path: string,
  record: EntryRecord,
  files: FileOps,
): Promise<void> {
  const text = JSON.stringify({ version: formatVersion, ...record });
  if (Buffer.byteLength(text) > maxRecordBytes) {
    throw sluiceError('InvalidArgument', { name: 'job', detail: 'too large to be stored' });
  }
  await writeAtomically(path, text, { files });
}

/** @returns the record; undefined when there is none; a text that says why it is damaged. */
export async function readEntryRecord(path: string): Promise<EntryRecord | string | undefined> {
  try {
    const found = await stat(path);
    const { size } = found;
    if (!found.isFile()) return 'entry.json is not a file';
    if (size > maxRecordBytes) return `entry.json has ${size} bytes`;
    return checkEntryRecord(JSON.parse(await readFile(path, 'utf8'))) ?? 'entry.json lacks a field';
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    if (error instanceof SyntaxError) return `entry.json is not JSON: ${error.message}`;
    throw error;
  }
}

/** Whether a content of this shape can be stored at all. */
export function isStorable(r: { contentLength: unknown; pieceSize: unknown }): boolean {
  const { contentLength, pieceSize } = r;
  return (
    isWhole(contentLength, Number.MAX_SAFE_INTEGER) &&
    isWhole(pieceSize, maxPieceSize) &&
    pieceSize > 0 &&
    contentLength <= maxPieces * pieceSize
  );
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= maxTextLength;
}

function checkEntryRecord(value: unknown): EntryRecord | undefined {
  if (!isObject(value) || value.version !== formatVersion) return undefined;
  const { key, contentLength, pieceSize, hashOfHashes, validator, job, seal, delivered } = value;
  const { caching } = value;
  if (!isText(key) || !isStorable({ contentLength, pieceSize })) return undefined;
  if (hashOfHashes !== undefined && !isText(hashOfHashes)) return undefined;
  if (validator !== undefined && !isText(validator)) return undefined;
  if (seal !== undefined && !isSeal(seal)) return undefined;
  if (delivered !== undefined && typeof delivered !== 'boolean') return undefined;
  return {
    key,
    contentLength: contentLength as number,
    pieceSize: pieceSize as number,
    ...(hashOfHashes !== undefined && { hashOfHashes }),
    ...(validator !== undefined && { validator }),
    ...(job !== undefined && { job: job as JsonValue }),
    ...(seal !== undefined && { seal }),
    ...(delivered !== undefined && { delivered }),
    ...(isCaching(caching) && { caching }),
  };
}

/** What is wrong with it costs the content its age and pin, not its bytes. */
function isCaching(value: unknown): value is CachingRecord {
  if (!isObject(value)) return false;
  const isTime = (time: unknown) => isWhole(time, maxTime);
  return (
    isText(value.fileId) &&
    isText(value.url) &&
    Object.hasOwn(DownloadModes, String(value.mode)) &&
    isTime(value.since) &&
    isTime(value.usedAt) &&
    typeof value.isPinned === 'boolean' &&
    (value.expireOn === undefined || isTime(value.expireOn)) &&
    (value.publisher === undefined || isPublisher(value.publisher))
  );
}

function isPublisher(value: unknown): boolean {
  if (!isObject(value)) return false;
  return [value.maxAgeSecs, value.expireAt].every((n) => n === undefined || isWhole(n, maxTime));
}

function isSeal(value: unknown): value is Seal {
  return (
    isObject(value) &&
    isWhole(value.size, Number.MAX_SAFE_INTEGER) &&
    isText(value.mtimeNs) &&
    isText(value.ino) &&
    typeof value.linked === 'boolean' &&
    typeof value.durable === 'boolean'
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max;
}
