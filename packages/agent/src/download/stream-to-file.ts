import { createHash, type Hash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sluiceError, toSluiceError } from '@sluice/protocol';
import { backOffMs } from '../clock/back-off.ts';
import { delay } from '../clock/delay.ts';
import type { RateControl } from '../rate/rate-control.ts';
import { diskError, RoomWatch } from '../store/index.ts';
import type { Download, DownloadContext } from './download.ts';
import { FileSink } from './file-sink.ts';
import type { OriginSource } from './origins.ts';
import { toTarget } from './to-target.ts';

/** A stream that breaks off is begun anew so often. */
const maxTries = 3;
const waits = { firstMs: 2_000, maxMs: 30_000 };
/** Who wants to be left alone for longer is not waited for. */
const maxWaitMs = 120_000;

/**
 * Fetches a body in one stream to a temporary file beside the target, renamed at the end: for a source
 * that does not tell the length, or gives nothing by which parts of two versions could be told apart.
 * It cannot be resumed.
 * @throws what the source throws, Disk errors, Sha256Mismatch.
 */
export async function streamToFile(
  download: Download,
  source: OriginSource,
  context: DownloadContext,
  mayDeliver: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  await toTarget(download, (target) =>
    streamTo(target, download, source, context, mayDeliver, signal),
  );
}

async function streamTo(
  target: string,
  download: Download,
  source: OriginSource,
  { clock, rates, random }: DownloadContext,
  mayDeliver: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { id, progress, counters } = download;
  // A name of its own: another download may be on its way to the same target.
  const temporary = join(dirname(target), `.sluice-${id}.part`);
  const before = { ...counters };
  try {
    for (let tries = 1; ; tries++) {
      try {
        const hash = await streamOnce(download, source, rates, temporary, signal);
        checkHash(download, hash);
        download.log.came(source.kind, 'stream', 0, progress.onDisk());
        break;
      } catch (error) {
        const fault = toSluiceError(error);
        const { retryable, retryAfterMs } = fault.params;
        if (retryable !== true || tries >= maxTries) throw error;
        progress.findings.add({ what: 'begunAnew', error: fault });
        progress.waste.duplicateBytes += counters.BytesFromHttp - before.BytesFromHttp;
        Object.assign(counters, before);
        const waitMs = backOffMs(waits, tries, Number(retryAfterMs ?? 0), random);
        if (waitMs > maxWaitMs) throw error;
        await delay(clock, waitMs, signal);
      }
    }
    await mayDeliver();
    download.setState('Transferred');
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw isSystemError(error) ? diskError(error, target, 'target') : error;
  }
}

/** @returns the SHA-256 when it is needed. */
async function streamOnce(
  download: Download,
  source: OriginSource,
  rates: RateControl,
  temporary: string,
  signal: AbortSignal,
): Promise<Hash | undefined> {
  const { request, progress } = download;
  const hash = request.Sha256 === undefined ? undefined : createHash('sha256');
  const { fileSize } = progress;
  const room = new RoomWatch(dirname(temporary), request.Output);
  let written = 0;
  progress.onDisk = () => written;
  await rm(temporary, { force: true });
  const file = await open(temporary, 'wx', 0o666);
  const sink = new FileSink(file, (bytes) => {
    hash?.update(bytes);
    written += bytes.length;
    progress.fileSize = Math.max(fileSize, written);
    download.received({ kind: source.kind }, bytes.length);
    if (fileSize === 0) room.wrote(bytes.length);
  });
  const limits = rates.forTransfer(download.foreground, () => {
    download.progress.hasYielded = true;
  });
  const ends = AbortSignal.any([signal, room.signal]);
  const limited = limits.limit(source, source.kind, sink, ends);
  try {
    await source.fetch({ start: 0, end: Number.POSITIVE_INFINITY }, limited.sink, ends);
    await sink.flush();
  } catch (error) {
    room.signal.throwIfAborted();
    throw error;
  } finally {
    limited.end();
    limits.close();
    await sink.settled();
    await file.close();
  }
  progress.fileSize = written;
  return hash;
}

function checkHash({ request, progress }: Download, hash: Hash | undefined): void {
  const expected = request.Sha256?.toLowerCase();
  if (!hash || expected === undefined) return;
  const actual = hash.digest('hex');
  if (actual !== expected) throw sluiceError('Sha256Mismatch', { expected, actual });
  progress.sha256 = actual;
  progress.verified = true;
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
