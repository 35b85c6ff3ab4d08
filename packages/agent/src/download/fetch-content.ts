import {
  contentIdOf,
  defaultPieceSize,
  isSluiceError,
  type PiecesHashFile,
  sluiceError,
  toSluiceError,
} from '@sluice/protocol';
import type { SharedContent } from '../content/shared-content.ts';
import type { ContentEntry } from '../store/index.ts';
import { checkTarget } from '../store/index.ts';
import { type ContentPlan, planContent } from './content-plan.ts';
import type { Download, DownloadContext } from './download.ts';
import { fetchPhf } from './fetch-phf.ts';
import { countFrom } from './origin-tag.ts';
import { Origins, openOrigins } from './origins.ts';
import { phfFromPeers } from './phf-from-peers.ts';
import { startGrace } from './start-grace.ts';
import { streamToFile } from './stream-to-file.ts';
import { Transfer } from './transfer.ts';

/** Times that a source without hash list may change under us before the download gives up. */
const maxRestarts = 3;
/** Piece buffers of one download together. */
const maxBufferBytes = 64 << 20;

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

/** Without a hash list: HTTP and cache only, and the object must stay the same to the end. */
async function fetchUnverified(
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

function makeTransfer(
  download: Download,
  context: DownloadContext,
  entry: ContentEntry,
  geometry: { contentLength: number; pieceSize: number },
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

async function runTransfer(
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

function noteRecovered(download: Download, entry: ContentEntry): void {
  let total = 0;
  for (const [tag, bytes] of Object.entries(entry.recovered)) {
    countFrom(download.counters, Number(tag), bytes);
    total += bytes;
  }
  download.progress.resumedBytes = total;
}

async function deliver(
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
