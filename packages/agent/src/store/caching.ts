import type { CachingChange } from './content-entry.ts';
import { type EntryRecord, readEntryRecord, writeEntryRecord } from './entry-record.ts';
import type { FileOps } from './file-ops.ts';

/** The change as one of the whole record. */
export function withCaching(change: CachingChange): (record: EntryRecord) => EntryRecord {
  return (record) => {
    const caching = change(record.caching);
    if (caching === record.caching) return record;
    const { caching: _, ...rest } = record;
    return caching ? { ...rest, caching } : rest;
  };
}

/** Changes `entry.json` of an entry that is not open. The caller holds the lock. */
export async function changeStored(
  path: string,
  change: CachingChange,
  files: FileOps,
): Promise<void> {
  const record = await readEntryRecord(path);
  // A damaged one is set aside when it is next opened.
  if (typeof record !== 'object') return;
  const next = withCaching(change)(record);
  if (next !== record) await writeEntryRecord(path, next, files);
}
