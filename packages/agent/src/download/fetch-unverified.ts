import { defaultPieceSize, isSluiceError } from '@sluice/protocol';
import { publicUrl } from '../services/public-url.ts';
import type { ContentPlan } from './content-plan.ts';
import { deliver } from './deliver.ts';
import type { Download, DownloadContext } from './download.ts';
import { countRecovered, makeTransfer, runTransfer, showEntry } from './fetch-steps.ts';
import type { EarlyLook } from './look-early.ts';
import { type OpenedOrigins, openOrigins } from './open-origins.ts';
import { noCounters } from './origin-tag.ts';
import { streamToFile } from './stream-to-file.ts';

/** Times that a source may change under us before one stream, in one answer, is the last try. */
const maxRestarts = 3;

export interface UnverifiedOptions {
  /** The HTTP source when it was opened before. */
  look?: EarlyLook;
  /** Resolves when the complete file may be delivered. @throws to keep it from that. */
  mayDeliver?: () => Promise<void>;
}

/** Without a hash list: HTTP and cache only, and the object must stay the same to the end. */
export async function fetchUnverified(
  download: Download,
  context: DownloadContext,
  plan: ContentPlan,
  signal: AbortSignal,
  { look, mayDeliver = async () => {} }: UnverifiedOptions = {},
): Promise<void> {
  await context.turns.run(download.request.Url, signal, async () => {
    for (let restarts = 0; ; restarts++) {
      try {
        const early = restarts === 0 ? look : undefined;
        const opened = await openOrigins(download, context, plan, signal, early);
        try {
          const inOneStream = restarts === maxRestarts;
          const steps = { inOneStream, mayDeliver };
          return await fetchOpened(download, context, opened, steps, signal);
        } finally {
          await opened.origins.close();
        }
      } catch (error) {
        if (!isSluiceError(error, 'SourceChanged') || restarts >= maxRestarts) throw error;
        startAnew(download);
      }
    }
  });
}

/** What was fetched is of another version: it counts for nothing. */
function startAnew({ progress, counters, log }: Download): void {
  progress.findings.add({ what: 'objectChanged' });
  log.startAnew();
  progress.waste.duplicateBytes += counters.BytesFromHttp;
  progress.resumedBytes = 0;
  Object.assign(counters, noCounters());
}

async function fetchOpened(
  download: Download,
  context: DownloadContext,
  opened: OpenedOrigins,
  { inOneStream, mayDeliver }: { inOneStream: boolean; mayDeliver: () => Promise<void> },
  signal: AbortSignal,
): Promise<void> {
  const { origins, answers } = opened;
  const [{ source, facts }] = answers;
  const { contentLength, validator, ranges } = facts;
  const { findings } = download.progress;
  if (contentLength === undefined) {
    findings.add({ what: 'oneStream', because: 'noLength' });
    return streamToFile(download, source, context, mayDeliver, signal);
  }
  // Parts of two versions could not be told apart, unless the whole is checked in the end.
  const isOneVersion = validator !== undefined || download.request.Sha256 !== undefined;
  if (inOneStream || !isOneVersion) {
    findings.add({ what: 'oneStream', because: inOneStream ? 'changing' : 'noVersion' });
    download.progress.fileSize = contentLength;
    // What was asked for in parts comes in parts: a new source asks for all in one answer.
    const stream = ranges ? origins.http() : source;
    return streamToFile(download, stream, context, mayDeliver, signal);
  }
  await fetchPieces(download, context, opened, { contentLength, mayDeliver }, signal);
}

async function fetchPieces(
  download: Download,
  context: DownloadContext,
  { origins, answers }: OpenedOrigins,
  { contentLength, mayDeliver }: { contentLength: number; mayDeliver: () => Promise<void> },
  signal: AbortSignal,
): Promise<void> {
  const { request } = download;
  const { validator } = answers[0].facts;
  const geometry = { contentLength, pieceSize: defaultPieceSize };
  // What names the caller has no place on disk.
  const description = { key: publicUrl(request.Url), ...geometry, validator };
  const entry = await context.hub.store.open(description, signal);
  try {
    // Without a validator nobody can tell whether what is here is of the same object.
    if (validator === undefined && entry.pieces.count > 0) await entry.reset();
    showEntry(download, entry, geometry);
    countRecovered(download, entry);
    if (!entry.pieces.complete) {
      const content = { entry, geometry, verified: false };
      const transfer = makeTransfer(download, context, content, origins);
      const ready = answers.map(({ source, facts }) => ({ source, sequential: !facts.ranges }));
      origins.start(transfer, { contentLength, validator }, { hasPeers: false, ready });
      try {
        await runTransfer(transfer, origins, signal);
      } catch (error) {
        if (isSluiceError(error, 'SourceChanged')) await entry.reset();
        throw error;
      }
    }
    await origins.close();
    await mayDeliver();
    const keep = context.turns.waiting(request.Url) > 0;
    await deliver(download, entry, { keep, dropWrong: true }, signal);
  } finally {
    await entry.close();
  }
}
