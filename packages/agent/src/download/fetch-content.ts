import { contentIdOf, type PiecesHashFile, toSluiceError } from '@sluice/protocol';
import type { SharedContent } from '../content/shared-content.ts';
import type { ContentEntry } from '../store/index.ts';
import { checkTarget } from '../store/index.ts';
import { type ContentPlan, planContent } from './content-plan.ts';
import type { Download, DownloadContext } from './download.ts';
import { fetchPhf } from './fetch-phf.ts';
import { deliver, makeTransfer, noteRecovered, runTransfer } from './fetch-steps.ts';
import { fetchUnverified } from './fetch-unverified.ts';
import { Origins } from './origins.ts';
import { phfFromPeers } from './phf-from-peers.ts';
import { startGrace } from './start-grace.ts';

/** The steps of a download: what is it, get it, check it, deliver it. */
export async function fetchContent(
  download: Download,
  context: DownloadContext,
  signal: AbortSignal,
): Promise<void> {
  const { request, progress } = download;
  if (!download.options.delivered) await checkTarget(request.Output);
  download.setState('Transferring');
  const defaults = { cloud: context.cloudFor(request), cacheHosts: context.cacheHosts };
  const plan = await planContent(request, defaults, context.clock, signal);
  progress.notes = plan.notes;
  progress.cacheHost = plan.cacheHosts[0];
  setMode(download, plan);
  if (plan.hashOfHashes === undefined) return fetchUnverified(download, context, plan, signal);
  return fetchVerified(download, context, plan, plan.hashOfHashes, signal);
}

function setMode(download: Download, plan: ContentPlan): void {
  download.progress.mode = plan.mode;
  download.progress.modeReason = plan.reason;
}

async function fetchVerified(
  download: Download,
  context: DownloadContext,
  plan: ContentPlan,
  hashOfHashes: string,
  signal: AbortSignal,
): Promise<void> {
  const { hub } = context;
  const sharing = plan.mode !== 'CdnOnly' && plan.cloud !== undefined;
  let shared: SharedContent | undefined;
  let answered: Promise<number> = Promise.resolve(0);
  if (sharing) {
    await hub.listen();
    shared = hub.share(hashOfHashes);
    download.progress.shared = shared;
    answered = announce(download, plan, hashOfHashes, shared);
  }
  try {
    const phf = await findPhf(plan, hashOfHashes, shared, context, signal);
    if (!phf) {
      await shared?.close();
      download.progress.shared = undefined;
      plan.mode = 'Simple';
      plan.reason = plan.notes.at(-1) ?? 'no pieces hash file that verifies';
      setMode(download, plan);
      return await fetchUnverified(download, context, plan, signal);
    }
    await hub.mutex.run(hashOfHashes, () =>
      transferVerified(download, context, plan, phf, { shared, answered }, signal),
    );
  } catch (error) {
    // Whoever comes next opens the content anew; its pieces stay on disk.
    if (shared && hub.find(hashOfHashes) === shared) await shared.close();
    throw error;
  }
}

function announce(
  download: Download,
  plan: ContentPlan,
  hashOfHashes: string,
  shared: SharedContent,
): Promise<number> {
  const { progress, counters, request } = download;
  return shared.announce({
    cloud: plan.cloud!,
    contentId: plan.contentId ?? contentIdOf(hashOfHashes),
    mode: plan.mode,
    request,
    progress: () => {
      const status = download.status();
      // A newcomer that does not know the size yet is not a seed.
      const left = progress.fileSize === 0 ? 1 : status.FileSize - status.FileSizeInCache;
      return {
        left,
        downloaded: status.TotalBytesDownloaded,
        fromHttp: counters.BytesFromHttp,
        fromCache: counters.BytesFromCacheServer,
      };
    },
  });
}

/** From the publisher, the source or, failing these, from peers. Undefined: none that verifies. */
async function findPhf(
  plan: ContentPlan,
  hashOfHashes: string,
  shared: SharedContent | undefined,
  { clock, logger }: DownloadContext,
  signal: AbortSignal,
): Promise<PiecesHashFile | undefined> {
  for (const url of plan.phfUrls) {
    try {
      return await fetchPhf(url, hashOfHashes, clock, signal);
    } catch (error) {
      signal.throwIfAborted();
      const fault = toSluiceError(error);
      logger.debug({ err: fault, url }, 'no pieces hash file there');
      const isProof = fault.code.startsWith('Phf');
      if (isProof) plan.notes.push(`${url}: ${fault.message}`);
    }
  }
  const phf = shared && (await phfFromPeers(shared.swarm, hashOfHashes, clock, signal));
  signal.throwIfAborted();
  if (!phf) plan.notes.push('no pieces hash file that verifies: simple mode, HTTP only');
  return phf;
}

async function transferVerified(
  download: Download,
  context: DownloadContext,
  plan: ContentPlan,
  phf: PiecesHashFile,
  sharing: { shared: SharedContent | undefined; answered: Promise<number> },
  signal: AbortSignal,
): Promise<void> {
  const { progress } = download;
  const { shared } = sharing;
  const fresh = shared?.entry === undefined;
  const entry = shared?.entry ?? (await openEntry(context, phf));
  progress.fileSize = phf.contentLength;
  if (fresh) noteRecovered(download, entry);
  if (shared && fresh) {
    shared.entry = entry;
    const { contentLength, pieceSize } = phf;
    shared.swarm.setContent({ entry, contentLength, pieceSize, phf: entry.phf()! });
  }
  progress.entry = entry;
  try {
    if (!entry.pieces.complete) {
      const origins = new Origins(download, context, plan);
      // All devices that fetch this content derive the same number.
      const salt = Buffer.from(phf.hashOfHashes, 'base64').readUInt32BE(0);
      const transfer = makeTransfer(download, context, entry, phf, shared, origins, salt);
      const expected = { contentLength: phf.contentLength };
      origins.start(transfer, expected);
      if (shared) {
        transfer.setOriginAllowed(false);
        startGrace(shared.swarm, sharing.answered, context.clock, signal).then(() =>
          transfer.setOriginAllowed(true),
        );
      }
      await runTransfer(transfer, origins, signal);
    }
    progress.verified = true;
    await deliver(download, entry, download.options.keep && shared !== undefined, signal);
  } catch (error) {
    if (!shared) await entry.close();
    throw error;
  }
  if (shared && download.options.keep) shared.announceNow();
  else await (shared ?? entry).close();
}

function openEntry(context: DownloadContext, phf: PiecesHashFile): Promise<ContentEntry> {
  const { contentLength, pieceSize, hashOfHashes, digests } = phf;
  return context.hub.store.open({
    key: hashOfHashes,
    contentLength,
    pieceSize,
    hashOfHashes,
    digests,
  });
}
