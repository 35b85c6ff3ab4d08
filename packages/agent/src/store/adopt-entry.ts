import { rename, rm } from 'node:fs/promises';
import { type PieceGeometry, PieceMap, pieceCount, pieceRange } from '@sluice/protocol';
import type { ContentDescription } from './content-description.ts';
import { errnoOf } from './disk-error.ts';
import type { EntryPaths } from './entry-paths.ts';
import { readEntryRecord, writeEntryRecord } from './entry-record.ts';
import { type Journal, readJournal, writeJournal } from './journal.ts';

/**
 * Makes an entry without digests the beginning of the content `d`, under its key and in its pieces. The
 * journal keeps its identity, so that opening holds every piece against its digest. The caller holds
 * the lock of `from`; nobody holds one afterwards.
 * @returns false when nothing can be made of it, or there is something of `d` already.
 */
export async function adoptEntry(
  from: EntryPaths,
  to: EntryPaths,
  d: ContentDescription,
): Promise<boolean> {
  const record = await readEntryRecord(from.record);
  if (typeof record !== 'object' || record.hashOfHashes !== undefined) return false;
  if (record.contentLength !== d.contentLength) return false;
  const journal = await readJournal(from.journal, pieceCount(record));
  if (!journal) return false;
  // Without a record a folder is what a kill in the middle left: it counts for nothing.
  await rm(from.record);
  try {
    await rename(from.folder, to.folder);
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes(errnoOf(error) ?? '')) return false;
    throw error;
  }
  await writeJournal(to.journal, recut(journal, record, d));
  const { key, contentLength, pieceSize } = d;
  await writeEntryRecord(to.record, { key, contentLength, pieceSize });
  // It came along, and says that it is taken.
  await rm(to.lock, { recursive: true, force: true });
  return true;
}

/** The same bytes in other pieces: those that are there as a whole. */
function recut(journal: Journal, was: PieceGeometry, now: PieceGeometry): Journal {
  const count = pieceCount(now);
  const [pieces, origins] = [new PieceMap(count), new Uint8Array(count)];
  for (let p = 0; p < count; p++) {
    const { start, end } = pieceRange(now, p);
    const first = Math.floor(start / was.pieceSize);
    const next = journal.pieces.nextClear(first);
    if (next >= 0 && next * was.pieceSize < end) continue;
    pieces.set(p);
    origins[p] = journal.origins[first]!;
  }
  return { ...journal, pieces, origins };
}
