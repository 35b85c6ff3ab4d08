import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { type ByteRange, isSluiceError, sluiceError } from '@sluice/protocol';
import { createHttpSource, type Source, type SourceFacts } from '../source/index.ts';
import { diskError, notOwn } from '../store/index.ts';
import type { Download, DownloadContext } from './download.ts';
import { FileSink } from './file-sink.ts';
import { toTarget } from './to-target.ts';

/** A part of the file. `end` Infinity = to its end. */
export interface WantedRange extends ByteRange {
  /** Bytes of it that are in the file. */
  done: number;
}

/** The parts that a job wants; filled in as they come, so that a later try goes on from there. */
export interface WantedRanges {
  parts: WantedRange[];
  /** Of the object that the parts are of, once it is known. */
  validator?: string | undefined;
}

/**
 * Fetches parts of the file over HTTP into their places in the target, which stays sparse. Parts are
 * not shared: peers would have to be told which pieces there are of a file that nobody has whole.
 * @throws JobRangesUnsupported, JobRangesInvalid, what the source throws, Disk errors.
 */
export async function fetchRanges(
  download: Download,
  wanted: WantedRanges,
  context: DownloadContext,
  signal: AbortSignal,
): Promise<void> {
  const { request, progress } = download;
  const { clock } = context;
  const expected = { validator: wanted.validator };
  const source = createHttpSource({
    url: request.Url,
    clock,
    expected,
    onFault: progress.cdnFaults.onFault,
  });
  progress.sources.push(source);
  try {
    const facts = await source.open(signal);
    place(wanted, facts, source.label);
    progress.fileSize = wanted.parts.reduce((n, { start, end }) => n + end - start, 0);
    progress.onDisk = () => wanted.parts.reduce((n, { done }) => n + done, 0);
    await using file = await toTarget(download, (target) => openTarget(target, download));
    for (const part of wanted.parts) {
      await fetchPart(download, part, source, file, context, signal);
    }
    download.setState('Transferred');
  } catch (error) {
    // Another object now: what is here of it counts for nothing.
    if (isSluiceError(error, 'SourceChanged')) forget(wanted);
    throw error;
  } finally {
    await source.close();
  }
}

/** Holds the parts against what the source has. */
function place(wanted: WantedRanges, facts: SourceFacts, url: string): void {
  const { contentLength, ranges, validator } = facts;
  if (!ranges || contentLength === undefined) throw sluiceError('JobRangesUnsupported', { url });
  if (validator === undefined) forget(wanted);
  wanted.validator = validator;
  for (const part of wanted.parts) {
    if (part.end === Number.POSITIVE_INFINITY) part.end = Math.max(part.start, contentLength);
    if (part.end <= contentLength) continue;
    const detail = `byte ${part.end - 1} is asked for, the file has ${contentLength} bytes`;
    throw sluiceError('JobRangesInvalid', { detail });
  }
}

function forget(wanted: WantedRanges): void {
  wanted.validator = undefined;
  for (const part of wanted.parts) part.done = 0;
}

async function openTarget(path: string, { request, options: { confinement } }: Download) {
  const { O_NOFOLLOW = 0, O_RDWR } = constants;
  try {
    const file = await open(path, O_RDWR | (confinement ? O_NOFOLLOW : 0)).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT' || confinement) throw error;
        return open(path, 'wx+', 0o666);
      },
    );
    if (confinement && !confinement.isOwn(await file.stat())) {
      await file.close();
      throw notOwn(request.Output);
    }
    return file;
  } catch (error) {
    throw diskError(error, path, 'target');
  }
}

async function fetchPart(
  download: Download,
  part: WantedRange,
  source: Source,
  file: Awaited<ReturnType<typeof openTarget>>,
  { rates }: DownloadContext,
  signal: AbortSignal,
): Promise<void> {
  const range = { start: part.start + part.done, end: part.end };
  if (range.start >= range.end) return;
  let came = 0;
  const sink = new FileSink(file, (bytes) => count(bytes.length), range.start);
  const count = (n: number) => {
    came += n;
    download.counters.BytesFromHttp += n;
    download.progress.came.http += n;
  };
  const limits = rates.forTransfer(download.foreground, () => {
    download.progress.hasYielded = true;
  });
  const limited = limits.limit(source, 'http', sink, signal);
  try {
    await source.fetch(range, limited.sink, signal);
  } finally {
    limited.end();
    limits.close();
    await sink.flush().catch((error: unknown) => {
      throw diskError(error, download.request.Output, 'target');
    });
    part.done += came;
  }
}
