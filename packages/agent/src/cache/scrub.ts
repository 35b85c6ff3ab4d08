import { type CacheCheck, type Clock, isSluiceError, PieceMap } from '@sluice/protocol';
import { delay } from '../clock/delay.ts';
import type { ContentHub } from '../content/content-hub.ts';
import type { ContentEntry, SurveyedEntry } from '../store/index.ts';
import type { CachedContents } from './cached-contents.ts';

/** Read back in one go, bytes: after it the disk belongs to others for as long as it took. */
const batchBytes = 64 << 20;

export interface ScrubOptions {
  hub: ContentHub;
  contents: CachedContents;
  clock: Clock;
}

/**
 * Reads all files of the store back and holds them against their digests, at half speed. What is wrong
 * is dropped, and fetched again where a download knows from where. What is in use is left alone.
 * @throws Cancelled, Disk errors.
 */
export async function scrub(options: ScrubOptions, signal: AbortSignal): Promise<CacheCheck> {
  const { hub, contents } = options;
  const check: CacheCheck = { Files: 0, Bytes: 0, Corrupt: [], Skipped: 0 };
  for (const surveyed of await hub.store.survey()) {
    const bad = contents.isBusy(surveyed.key)
      ? undefined
      : await badPiecesOf(surveyed, options, signal);
    if (!bad) {
      check.Skipped++;
      continue;
    }
    check.Files++;
    check.Bytes += surveyed.bytes;
    if (bad.length === 0) continue;
    const { fileId = surveyed.key, url = surveyed.key } = surveyed.caching ?? {};
    const outcome = await contents.replace(surveyed.key);
    const Refetched = outcome === 'refetched';
    check.Corrupt.push({ FileId: fileId, SourceURL: url, Pieces: bad, Refetched });
  }
  return check;
}

/** @returns undefined when it cannot be checked. */
async function badPiecesOf(
  { key, hashOfHashes }: SurveyedEntry,
  options: ScrubOptions,
  signal: AbortSignal,
): Promise<number[] | undefined> {
  if (hashOfHashes === undefined) return undefined;
  const { hub } = options;
  const shared = hub.find(key)?.entry;
  try {
    if (shared) return await badPiecesIn(shared, key, options, signal);
    const stored = (await hub.store.entries()).find(({ description }) => description.key === key);
    if (!stored) return undefined;
    // In its turn: a download that wants it meanwhile waits, and finds it free.
    return await hub.mutex.run(key, async () => {
      const entry = await hub.store.open(stored.description, signal);
      try {
        return entry.phf() && (await badPiecesIn(entry, undefined, options, signal));
      } finally {
        await entry.close();
      }
    });
  } catch (error) {
    // It went, or somebody else has it.
    if (isSluiceError(error, 'StoreClosed') || isSluiceError(error, 'ContentBusy'))
      return undefined;
    throw error;
  }
}

/** @param key of one that others may begin to use meanwhile. */
async function badPiecesIn(
  entry: ContentEntry,
  key: string | undefined,
  { contents, clock }: ScrubOptions,
  signal: AbortSignal,
): Promise<number[] | undefined> {
  const bad: number[] = [];
  for (const batch of batchesOf(entry)) {
    if (key !== undefined && contents.isBusy(key)) return undefined;
    const startedAt = clock.now();
    bad.push(...(await entry.findBad(batch, signal)));
    await delay(clock, clock.now() - startedAt, signal);
  }
  return bad;
}

function* batchesOf({ pieces, pieceSize }: ContentEntry): Iterable<PieceMap> {
  const perBatch = Math.max(1, Math.floor(batchBytes / pieceSize));
  let batch = new PieceMap(pieces.length);
  for (let p = pieces.nextSet(0); p !== -1; p = pieces.nextSet(p + 1)) {
    batch.set(p);
    if (batch.count < perBatch) continue;
    yield batch;
    batch = new PieceMap(pieces.length);
  }
  if (batch.count > 0) yield batch;
}
