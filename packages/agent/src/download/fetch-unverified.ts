import { defaultPieceSize, isSluiceError } from '@sluice/protocol';
import type { ContentPlan } from './content-plan.ts';
import type { Download, DownloadContext } from './download.ts';
import { deliver, makeTransfer, noteRecovered, runTransfer } from './fetch-steps.ts';
import { openOrigins } from './origins.ts';
import { streamToFile } from './stream-to-file.ts';

/** Times that a source without hash list may change under us before the download gives up. */
const maxRestarts = 3;

/** Without a hash list: HTTP and cache only, and the object must stay the same to the end. */
export async function fetchUnverified(
  download: Download,
  context: DownloadContext,
  plan: ContentPlan,
  signal: AbortSignal,
): Promise<void> {
  const { request } = download;
  await context.hub.mutex.run(request.Url, async () => {
    for (let restarts = 0; ; restarts++) {
      try {
        return await tryUnverified(download, context, plan, signal);
      } catch (error) {
        if (!isSluiceError(error, 'SourceChanged') || restarts >= maxRestarts) throw error;
        plan.notes.push('the object at the source changed: started anew');
      }
    }
  });
}

async function tryUnverified(
  download: Download,
  context: DownloadContext,
  plan: ContentPlan,
  signal: AbortSignal,
): Promise<void> {
  const { progress, request } = download;
  const opened = await openOrigins(download, context, plan, signal);
  const { contentLength, validator } = opened.facts;
  if (contentLength === undefined) {
    try {
      return await streamToFile(download, opened.first, signal);
    } finally {
      await opened.origins.close();
    }
  }
  progress.fileSize = contentLength;
  const geometry = { contentLength, pieceSize: defaultPieceSize };
  const entry = await context.hub.store.open({ key: request.Url, ...geometry, validator });
  progress.entry = entry;
  try {
    // Without a validator nobody can tell whether what is here is of the same object.
    if (validator === undefined && entry.pieces.count > 0) await entry.reset();
    noteRecovered(download, entry);
    if (!entry.pieces.complete) {
      const { origins } = opened;
      const transfer = makeTransfer(download, context, entry, geometry, undefined, origins);
      origins.start(transfer, opened.facts);
      try {
        await runTransfer(transfer, origins, signal);
      } catch (error) {
        if (isSluiceError(error, 'SourceChanged')) await entry.reset();
        throw error;
      }
    } else {
      await opened.origins.close();
    }
    await deliver(download, entry, false, signal);
  } finally {
    await entry.close();
  }
}
