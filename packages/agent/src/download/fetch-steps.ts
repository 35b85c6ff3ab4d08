import { type PieceGeometry, sluiceError } from '@sluice/protocol';
import type { SharedContent } from '../content/shared-content.ts';
import type { ContentEntry } from '../store/index.ts';
import type { Download, DownloadContext } from './download.ts';
import { countFrom } from './origin-tag.ts';
import type { Origins } from './origins.ts';
import { Transfer } from './transfer.ts';

/** Piece buffers of one download together. */
const maxBufferBytes = 64 << 20;

export function makeTransfer(
  download: Download,
  context: DownloadContext,
  entry: ContentEntry,
  geometry: PieceGeometry,
  shared: SharedContent | undefined,
  origins: Origins,
  salt = 0,
): Transfer {
  const { hub, self, clock, random, logger } = context;
  const transfer = new Transfer({
    entry,
    geometry,
    maxBufferBytes: Math.max(maxBufferBytes, 4 * geometry.pieceSize),
    swarm: shared?.swarm,
    self,
    salt,
    foreground: download.request.Foreground ?? false,
    clock,
    random,
    logger,
    nextSourceId: hub.nextSourceId,
    counters: download.counters,
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

export function noteRecovered(download: Download, entry: ContentEntry): void {
  let total = 0;
  for (const [tag, bytes] of Object.entries(entry.recovered)) {
    countFrom(download.counters, Number(tag), bytes);
    total += bytes;
  }
  download.progress.resumedBytes = total;
}

export async function deliver(
  download: Download,
  entry: ContentEntry,
  keep: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { request, progress, options } = download;
  if (request.Sha256) {
    const actual = await entry.sha256(signal);
    const expected = request.Sha256.toLowerCase();
    if (actual !== expected) {
      await entry.reset();
      throw sluiceError('Sha256Mismatch', { expected, actual });
    }
    progress.sha256 = actual;
    progress.verified = true;
  }
  download.setState('Transferred');
  if (!options.delivered) await entry.deliver(request.Output, { keep }, signal);
}
