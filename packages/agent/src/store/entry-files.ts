import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { PieceGeometry } from '@sluice/protocol';
import type { EntryPaths } from './entry-paths.ts';
import { type Journal, writeJournal } from './journal.ts';

/** Where damaged entries go, and who is told. */
export interface DamageReport {
  damagedFolder: string;
  onDamaged(what: { folder: string; detail: string }): void;
}

/** Deletes all that the entry holds; first what makes it an entry. */
export async function wipeEntry(paths: EntryPaths): Promise<void> {
  for (const path of [paths.record, paths.phf]) await rm(path, { force: true, recursive: true });
  await wipeContent(paths);
}

/** Deletes the pieces; first what claims them. */
export async function wipeContent(paths: EntryPaths): Promise<void> {
  // Deleted, never truncated: the inode of the data may be a file of the user's by now.
  for (const path of [paths.journal, paths.data]) await rm(path, { force: true, recursive: true });
}

/** Makes the files of an entry of which nothing was kept. */
export async function createFiles(
  paths: EntryPaths,
  geometry: PieceGeometry,
  journal: Journal,
): Promise<void> {
  const data = await open(paths.data, 'wx', 0o666);
  try {
    await data.truncate(geometry.contentLength);
  } finally {
    await data.close();
  }
  await writeJournal(paths.journal, journal);
}

export async function openFiles(
  paths: EntryPaths,
): Promise<{ data: FileHandle; journalFile: FileHandle }> {
  const data = await open(paths.data, 'r+');
  try {
    return { data, journalFile: await open(paths.journal, 'r+') };
  } catch (error) {
    await data.close();
    throw error;
  }
}

/** Moves what tells of the damage out of the way, and deletes the content, which nothing vouches for. */
export async function setAside(
  paths: EntryPaths,
  detail: string,
  report: DamageReport,
): Promise<void> {
  const folder = join(report.damagedFolder, basename(paths.folder));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await rename(paths.record, join(folder, basename(paths.record)));
  await wipeEntry(paths);
  report.onDamaged({ folder, detail });
}
