import { type FileHandle, open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { PieceGeometry } from '@sluice/protocol';
import type { EntryPaths } from './entry-paths.ts';
import type { FileOps } from './file-ops.ts';
import { type Journal, writeJournal } from './journal.ts';

/** Where damaged entries go, by what they are moved, and who is told. */
export interface DamageReport {
  damagedFolder: string;
  files: FileOps;
  onDamaged(what: { folder: string; detail: string }): void;
}

/** Deletes all that the entry holds; first what makes it an entry. */
export async function wipeEntry(paths: EntryPaths, files: FileOps): Promise<void> {
  for (const path of [paths.record, paths.phf]) await files.removeTree(path);
  await wipeContent(paths, files);
}

/** Deletes the pieces; first what claims them. */
export async function wipeContent(paths: EntryPaths, files: FileOps): Promise<void> {
  // Deleted, never truncated: the inode of the data may be a file of the user's by now.
  for (const path of [paths.journal, paths.data]) await files.removeTree(path);
}

/** Makes the files of an entry of which nothing was kept. */
export async function createFiles(
  paths: EntryPaths,
  geometry: PieceGeometry,
  journal: Journal,
  files: FileOps,
): Promise<void> {
  await files.createSparse(paths.data, geometry.contentLength);
  await writeJournal(paths.journal, journal, files);
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
  const { files } = report;
  const folder = join(report.damagedFolder, basename(paths.folder));
  await files.removeTree(folder);
  await files.makeFolder(folder);
  await files.rename(paths.record, join(folder, basename(paths.record)));
  await wipeEntry(paths, files);
  report.onDamaged({ folder, detail });
}
