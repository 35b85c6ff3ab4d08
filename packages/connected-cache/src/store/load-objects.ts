import type { Dirent } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { journalName, type ObjectFiles, recordName, segmentName } from './object-files.ts';
import { parseRecord } from './object-record.ts';
import { replayJournal } from './piece-journal.ts';
import type { Segment } from './segment.ts';
import { StoredObject } from './stored-object.ts';

/** Makes the keeper of an object's folder. */
type Track = (of: { object: StoredObject; directory: string; made: boolean }) => ObjectFiles;

/** What one folder holds. */
interface Found {
  directory: string;
  object: StoredObject;
  /** CRC of each piece that is there. */
  crcs: Map<number, number>;
  /** When each of its data files was used last, wall time in ms. */
  stamps: Map<number, number>;
  /** Whether the journal says just that. */
  whole: boolean;
}

/** Folders read at once: enough to keep a disk busy, few enough for the descriptors. */
const atOnce = 32;

/**
 * Reads all objects below `folder` (made when absent) as far as they are whole, and removes what is
 * not: half-made folders, damaged records, files without a piece, older states of an object.
 * @returns the objects, and their segments with the longest unused first
 * @throws what listing and removing throw
 */
export async function loadObjects(
  folder: string,
  track: Track,
): Promise<{ objects: StoredObject[]; segments: Segment[] }> {
  await mkdir(folder, { recursive: true });
  const newest = new Map<string, Found>();
  await eachAtOnce(await objectFolders(folder), async (directory) => {
    const found = await readFolder(directory);
    if (!found) return removeAll(directory);
    const { url } = found.object.record;
    const other = newest.get(url);
    if (other && receivedAt(other) >= receivedAt(found)) return removeAll(directory);
    newest.set(url, found);
    if (other) await removeAll(other.directory);
  });
  const objects = [...newest.values()].map((found) => build(found, track));
  const segments = objects.flatMap((object) => [...object.segments.values()]);
  return { objects, segments: segments.sort((a, b) => a.stampedAt - b.stampedAt) };
}

async function objectFolders(folder: string): Promise<string[]> {
  const folders: string[] = [];
  await eachAtOnce(await list(folder), async (group) => {
    const path = join(folder, group.name);
    for (const entry of group.isDirectory() ? await list(path) : []) {
      if (entry.isDirectory()) folders.push(join(path, entry.name));
    }
  });
  return folders;
}

/** Undefined when nothing in the folder can be used. */
async function readFolder(directory: string): Promise<Found | undefined> {
  const text = await readFile(join(directory, recordName), 'utf8').catch(unusable);
  const record = text === undefined ? undefined : parseRecord(text);
  const journal = await readFile(join(directory, journalName)).catch(unusable);
  if (!record || !journal) return undefined;
  const object = new StoredObject(record);
  const { crcs, whole } = replayJournal(journal, object.pieces.length);
  const said = crcs.size;
  const stamps = await checkSegments(object, crcs, directory);
  if (crcs.size === 0) return undefined;
  await removeStrays(directory, [...stamps.keys()].map(segmentName));
  return { directory, object, crcs, stamps, whole: whole && crcs.size === said };
}

/** Drops the pieces of data files that are gone or too short. @returns when the others were used */
async function checkSegments(
  object: StoredObject,
  crcs: Map<number, number>,
  directory: string,
): Promise<Map<number, number>> {
  const { pieceSize, segmentPieces } = object.record;
  const sizes = new Map<number, number>();
  for (const piece of crcs.keys()) {
    const end = (piece % segmentPieces) * pieceSize + object.pieceLength(piece);
    const index = object.segmentIndex(piece);
    sizes.set(index, Math.max(end, sizes.get(index) ?? 0));
  }
  const stamps = new Map<number, number>();
  for (const [index, size] of sizes) {
    const facts = await stat(join(directory, segmentName(index))).catch(unusable);
    if (facts && facts.size >= size) stamps.set(index, facts.mtimeMs);
  }
  for (const piece of [...crcs.keys()]) {
    if (!stamps.has(object.segmentIndex(piece))) crcs.delete(piece);
  }
  return stamps;
}

async function removeStrays(directory: string, segments: string[]): Promise<void> {
  const known = new Set([recordName, journalName, ...segments]);
  for (const { name } of await list(directory)) {
    if (!known.has(name)) await removeAll(join(directory, name));
  }
}

function build({ directory, object, crcs, stamps, whole }: Found, track: Track): StoredObject {
  const files = track({ object, directory, made: true });
  object.files = files;
  for (const [index, at] of stamps) object.addSegment(index, files).stampedAt = at;
  for (const [piece, crc] of crcs) {
    const segment = object.segmentOf(piece)!;
    segment.crcs[piece % segment.crcs.length] = crc;
    segment.bytes += object.pieceLength(piece);
    object.pieces.set(piece);
  }
  if (!whole) files.rewriteJournal();
  return object;
}

async function eachAtOnce<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function list(path: string): Promise<Dirent[]> {
  return readdir(path, { withFileTypes: true });
}

function removeAll(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}

function receivedAt({ object }: Found): number {
  return object.record.freshness.receivedAt;
}

/** A file that is missing or cannot be read: what it is about is then not used. */
function unusable(): undefined {
  return undefined;
}
