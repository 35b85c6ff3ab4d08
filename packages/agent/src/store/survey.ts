import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from './disk-error.ts';
import { entryPaths, isFolderName } from './entry-paths.ts';
import { type CachingRecord, readEntryRecord } from './entry-record.ts';
import type { FileEntry } from './file-entry.ts';

/** One entry as it lies on the disk. */
export interface SurveyedEntry {
  key: string;
  hashOfHashes: string | undefined;
  contentLength: number;
  /** That the disk holds of it. */
  bytes: number;
  /** A file of the user's is the same inode. */
  isLinked: boolean;
  isComplete: boolean;
  /** When its bytes last changed, ms since 1970. */
  changedAt: number;
  caching: CachingRecord | undefined;
  /** See `ContentEntry.lastRead`; undefined, too, when it is not open here. */
  lastRead: number | undefined;
}

/** Reads what lies in the folder of the store; what is damaged or just goes away is left out. */
export async function surveyFolder(
  contentFolder: string,
  open: ReadonlyMap<string, FileEntry>,
): Promise<SurveyedEntry[]> {
  const found: SurveyedEntry[] = [];
  for (const name of (await readdir(contentFolder)).filter(isFolderName)) {
    const entry = await surveyEntry(join(contentFolder, name), open);
    if (entry) found.push(entry);
  }
  return found;
}

async function surveyEntry(
  folder: string,
  open: ReadonlyMap<string, FileEntry>,
): Promise<SurveyedEntry | undefined> {
  const paths = entryPaths(folder);
  try {
    const record = await readEntryRecord(paths.record);
    if (typeof record !== 'object') return undefined;
    const { blocks, nlink, mtimeMs, size } = await stat(paths.data);
    const opened = open.get(record.key);
    return {
      key: record.key,
      hashOfHashes: record.hashOfHashes,
      contentLength: record.contentLength,
      // Windows tells no blocks; a sparse file counts in full there.
      bytes: blocks > 0 ? Math.min(blocks * 512, size) : process.platform === 'win32' ? size : 0,
      isLinked: nlink > 1,
      isComplete: opened ? opened.pieces.complete : record.seal !== undefined,
      changedAt: Math.max(0, Math.floor(mtimeMs)),
      caching: record.caching,
      lastRead: opened?.lastRead,
    };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
