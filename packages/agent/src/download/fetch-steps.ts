import { minBackgroundQos } from '@sluice/engine';
import { type PieceGeometry, type PieceMap, pieceLength } from '@sluice/protocol';
import type { ContentEntry } from '../store/index.ts';
import type { Download, DownloadContext } from './download.ts';
import { countFrom } from './origin-tag.ts';
import type { Origins } from './origins.ts';
import { Transfer } from './transfer.ts';

/** Piece buffers of one download together; of several, each gets a share. */
const maxBufferBytes = 64 << 20;

/** @param salt the same on all devices for one content; of no use where nothing is shared. */
export function makeTransfer(
  download: Download,
  context: DownloadContext,
  content: { entry: ContentEntry; geometry: PieceGeometry; verified: boolean },
  origins: Origins,
  salt = 0,
): Transfer {
  const { hub, rates, self, clock, random, logger } = context;
  const { entry, geometry, verified } = content;
  const transfer = new Transfer({
    entry,
    log: download.log,
    geometry,
    maxBufferBytes: Math.max(maxBufferBytes / context.slots.busy, 4 * geometry.pieceSize),
    mustStaySame: (s) => !verified && s.kind === 'http' && !origins.isMirror(s),
    self,
    salt,
    foreground: download.foreground,
    backgroundQos: () =>
      minBackgroundQos(context.settings.current, download.progress.policies?.BackgroundQosBps),
    rates: rates.forTransfer(download.foreground, () => {
      download.progress.hasYielded = true;
    }),
    clock,
    random,
    logger,
    nextSourceId: hub.nextSourceId,
    onReceived: (from, bytes) => download.received(from, bytes),
    waste: download.progress.waste,
    isMirror: (source) => origins.isMirror(source),
    onCache: (worked) => origins.onCache(worked),
    onGiveUp: (source, error) => origins.onGiveUp(source, error),
  });
  download.progress.transfer = transfer;
  return transfer;
}

export async function runTransfer(
  transfer: Transfer,
  origins: Origins,
  signal: AbortSignal,
): Promise<void> {
  try {
    await transfer.run(signal);
  } finally {
    await origins.close();
  }
}

/** Says in the status what is on disk of an entry that was just opened. */
export function showEntry(download: Download, entry: ContentEntry, geometry: PieceGeometry): void {
  const { progress } = download;
  progress.fileSize = geometry.contentLength;
  progress.onDisk = () => bytesOf(entry.pieces, geometry);
  progress.resumedBytes = progress.onDisk();
}

/** Counts what an earlier run fetched, each byte for whom it came from. */
export function countRecovered(download: Download, entry: ContentEntry): void {
  for (const [tag, bytes] of Object.entries(entry.recovered)) {
    countFrom(download.counters, Number(tag), bytes);
  }
}

/** What came before the entry was opened is not of an earlier run; what was not kept of it was for nothing. */
export function countAhead({ progress }: Download, came: number): void {
  const kept = Math.min(came, progress.resumedBytes);
  progress.resumedBytes -= kept;
  progress.waste.duplicateBytes += came - kept;
}

function bytesOf(pieces: PieceMap, geometry: PieceGeometry): number {
  if (pieces.length === 0) return 0;
  const last = pieces.length - 1;
  const short = pieces.has(last) ? geometry.pieceSize - pieceLength(geometry, last) : 0;
  return pieces.count * geometry.pieceSize - short;
}
