import { type FileHandle, stat } from 'node:fs/promises';
import { isSluiceError, pieceCount } from '@sluice/protocol';
import { bootId } from './boot-id.ts';
import type { ContentDescription } from './content-description.ts';
import { errnoOf } from './disk-error.ts';
import { createFiles, type DamageReport, openFiles, setAside, wipeEntry } from './entry-files.ts';
import type { EntryPaths } from './entry-paths.ts';
import { type EntryRecord, readEntryRecord, writeEntryRecord } from './entry-record.ts';
import type { FileOps } from './file-ops.ts';
import { checkFreeSpace } from './free-space.ts';
import { emptyJournal, identityOf, type Journal, recordPosition, writeJournal } from './journal.ts';
import { type Salvaged, salvage, type Wanted } from './salvage.ts';
import { asPhf, readStoredDigests, writeStoredDigests } from './stored-digests.ts';

/** An entry whose files are consistent and open. */
export interface PreparedEntry {
  record: EntryRecord;
  journal: Journal;
  digests: Uint8Array | undefined;
  data: FileHandle;
  journalFile: FileHandle;
}

export interface PrepareContext extends DamageReport {
  /** Bytes that other open entries still have to write. */
  reservedBytes: number;
  /** Deletes what can be spared, when so many bytes do not fit. */
  makeRoom: ((bytes: number) => Promise<void>) | undefined;
  signal: AbortSignal | undefined;
}

/**
 * Brings the files of an entry into the state that `d` describes, keeping of what is there what is
 * sure to belong to it. The caller holds the lock.
 * @throws DiskFull before anything is written when it will not fit; what file operations throw.
 */
export async function prepareEntry(
  paths: EntryPaths,
  d: ContentDescription,
  context: PrepareContext,
): Promise<PreparedEntry> {
  const { files } = context;
  const stored = await readSound(paths, context);
  const same =
    stored?.key === d.key &&
    stored.contentLength === d.contentLength &&
    stored.pieceSize === d.pieceSize;
  const storedDigests =
    same && d.hashOfHashes !== undefined
      ? await readStoredDigests(paths.phf, d, d.hashOfHashes)
      : undefined;
  const digests = d.digests ?? storedDigests;
  const wanted = await wantedOf(d, digests);
  const kept = same ? await salvage(paths, wanted, stored.seal, context.signal) : undefined;
  if (!kept) await wipeEntry(paths, files);
  await checkRoom(paths, d, context);
  const journal = await layOut(paths, wanted, kept, files);
  if (digests && d.hashOfHashes !== undefined && (!kept || !storedDigests)) {
    await writeStoredDigests(paths.phf, asPhf(d, d.hashOfHashes, digests), files);
  }
  const record = recordOf(d, same ? stored : undefined, kept);
  await writeEntryRecord(paths.record, record, files);
  return { record, journal, digests, ...(await openFiles(paths)) };
}

async function readSound(
  paths: EntryPaths,
  context: PrepareContext,
): Promise<EntryRecord | undefined> {
  const stored = await readEntryRecord(paths.record);
  if (typeof stored !== 'string') return stored;
  await setAside(paths, stored, context);
  return undefined;
}

async function wantedOf(d: ContentDescription, digests: Uint8Array | undefined): Promise<Wanted> {
  // Bytes that no digest vouches for must not pass for verified ones later: a HashOfHashes alone is no identity.
  const hashOfHashes = digests && d.hashOfHashes;
  const { contentLength, pieceSize, validator } = d;
  return {
    geometry: { contentLength, pieceSize },
    identity: identityOf({ contentLength, pieceSize, hashOfHashes, validator }),
    boot: await bootId(),
    digests,
    resumable: hashOfHashes !== undefined || validator !== undefined,
  };
}

async function checkRoom(
  paths: EntryPaths,
  d: ContentDescription,
  { reservedBytes, makeRoom }: PrepareContext,
): Promise<void> {
  const allocated = await stat(paths.data).then(
    ({ blocks }) => blocks * 512,
    (error) => {
      if (errnoOf(error) === 'ENOENT') return 0;
      throw error;
    },
  );
  const journalBytes = recordPosition(pieceCount(d));
  const needed = Math.max(0, d.contentLength - allocated) + journalBytes;
  const check = () => checkFreeSpace(paths.folder, needed + reservedBytes, paths.data);
  try {
    await check();
  } catch (error) {
    if (!makeRoom || !isSluiceError(error, 'DiskFull')) throw error;
    await makeRoom(needed + reservedBytes);
    await check();
  }
}

async function layOut(
  paths: EntryPaths,
  wanted: Wanted,
  kept: Salvaged | undefined,
  files: FileOps,
): Promise<Journal> {
  if (kept) {
    if (!kept.current) await writeJournal(paths.journal, kept.journal, files);
    return kept.journal;
  }
  const count = pieceCount(wanted.geometry);
  const journal = emptyJournal(wanted.identity, wanted.boot, count);
  await createFiles(paths, wanted.geometry, journal, files);
  return journal;
}

function recordOf(
  d: ContentDescription,
  stored: EntryRecord | undefined,
  kept: Salvaged | undefined,
): EntryRecord {
  const job = d.job ?? stored?.job;
  return {
    key: d.key,
    contentLength: d.contentLength,
    pieceSize: d.pieceSize,
    ...(d.hashOfHashes !== undefined && { hashOfHashes: d.hashOfHashes }),
    ...(d.validator !== undefined && { validator: d.validator }),
    ...(job !== undefined && { job }),
    ...(kept?.seal && { seal: kept.seal, delivered: stored?.delivered ?? false }),
    ...(stored?.caching && { caching: stored.caching }),
  };
}
