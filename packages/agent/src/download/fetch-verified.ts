import { isSluiceError, type PiecesHashFile, sluiceError } from '@sluice/protocol';
import type { SharedContent } from '../content/shared-content.ts';
import type { TrustedContent } from '../jobs/job.ts';
import { type ContentPlan, peersReason } from './content-plan.ts';
import { deliver } from './deliver.ts';
import type { Download, DownloadContext } from './download.ts';
import { countAhead, countRecovered, makeTransfer, runTransfer, showEntry } from './fetch-steps.ts';
import { findPhf } from './find-phf.ts';
import { SettingsFollower } from './follow-settings.ts';
import { giveTimeToPeers } from './give-time-to-peers.ts';
import type { HeadStart } from './head-start.ts';
import { noteCaching } from './note-caching.ts';
import { describeStored, type OpenedContent, openStored } from './open-stored.ts';
import { Origins } from './origins.ts';
import { mayUsePeers } from './peer-gates.ts';
import { phfFromPeers } from './phf-from-peers.ts';
import type { PeerScope } from './settled-mode.ts';
import { openSharing, type Sharing } from './sharing.ts';
import type { Transfer } from './transfer.ts';

/** What the steps below work on. */
interface Task {
  download: Download;
  context: DownloadContext;
  plan: ContentPlan;
  /** HashOfHashes, base64. */
  hash: string;
  /** What was fetched while this was not known yet. */
  head: HeadStart | undefined;
  /** Who has the entry open, and closes it: perhaps another download's doing. */
  shared: SharedContent | undefined;
  /** Set when this download uses peers. */
  sharing: Sharing | undefined;
  /** Whether settings let it go on sharing. */
  mayShare: boolean;
  signal: AbortSignal;
}

/**
 * Fetches a content whose HashOfHashes is known: each piece is held against its digest, so that it may
 * come from anyone.
 * @returns false when there is no hash list that verifies: nothing was fetched.
 */
export async function fetchVerified(
  download: Download,
  context: DownloadContext,
  plan: ContentPlan,
  content: TrustedContent,
  head: HeadStart | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const { turns, holds, hub } = context;
  const { HashOfHashes: hash } = content;
  // Somebody here fetches it already: what is waited for anyway is not fetched beside that.
  if (hub.find(hash)) await head?.drop();
  return turns.run(hash, signal, async () => {
    const sharing = await shareIfWanted(download, context, plan, content);
    const shared = sharing?.shared ?? hub.find(hash);
    if (shared) holds.hold(hash, shared, download.id);
    const known = { download, context, plan, hash, head, signal };
    const task: Task = { ...known, shared, sharing, mayShare: true };
    let isKept = false;
    let leaving: Promise<void> | undefined;
    try {
      const opened = await openContent(task);
      if (!opened) return false;
      const size = opened.geometry.contentLength;
      const isPeers = sharing && (await mayUsePeers(download, context, plan.mode, size));
      if (sharing && !isPeers) leaving = leave(task);
      isKept = await fetchOpened(task, opened);
      return true;
    } finally {
      await leaving;
      if (!isKept) await letGo(task);
    }
  });
}

async function shareIfWanted(
  download: Download,
  context: DownloadContext,
  plan: ContentPlan,
  content: TrustedContent,
): Promise<Sharing | undefined> {
  if (!plan.cloud && !plan.findsLocally) return undefined;
  const sharing = await openSharing(download, context, content);
  // Shared already, it is announced by whoever began.
  if (!sharing.shared.entry) sharing.beginLater(download, context, content, plan);
  // The cloud answers meanwhile; to look around the local network keeps this device itself busy.
  if (plan.cloud) sharing.beginNow();
  return sharing;
}

async function letGo({ download, context, hash, shared }: Task): Promise<void> {
  if (!shared) return;
  download.progress.shared = undefined;
  await context.holds.letGo(shared, download.id);
  // Another download wants it: what settings say of that one is not ours to say.
  if (context.hub.find(hash) === shared) shared.setOpen(true);
}

/** Goes on without peers. What another download shares is left to that. */
async function leave(task: Task): Promise<void> {
  const { download, context, shared } = task;
  task.sharing = undefined;
  if (!shared || shared.entry) return;
  task.shared = undefined;
  download.progress.shared = undefined;
  await context.holds.letGo(shared, download.id);
}

/** @returns undefined when there is no hash list that verifies. */
async function openContent(task: Task): Promise<OpenedContent | undefined> {
  const { download, context, plan, hash, shared, sharing, signal } = task;
  const { store } = context.hub;
  if (shared?.entry) {
    const geometry = await describeStored(store, hash);
    if (geometry) await task.head?.drop();
    return geometry && { entry: shared.entry, geometry };
  }
  const stored = await openStored(store, hash, signal);
  if (stored) {
    await task.head?.drop();
    return stored;
  }
  const { clock } = context;
  const fromPeers =
    sharing &&
    ((stop: AbortSignal) => {
      sharing.beginNow();
      return phfFromPeers(sharing.shared.swarm, hash, sharing.answered, clock, stop);
    });
  const phf = await findPhf(download.request, plan, hash, fromPeers, context, signal);
  if (!phf) return undefined;
  const description = descriptionOf(phf);
  const came = await task.head?.handOver(description);
  const entry = await store.open(description, signal);
  return { entry, geometry: phf, ...(came && { came }) };
}

function descriptionOf({ hashOfHashes, contentLength, pieceSize, digests }: PiecesHashFile) {
  return { key: hashOfHashes, contentLength, pieceSize, hashOfHashes, digests };
}

/** @returns whether the content stays shared. */
async function fetchOpened(task: Task, opened: OpenedContent): Promise<boolean> {
  const { download, context, hash, signal } = task;
  const { id, progress, options } = download;
  const { turns, holds } = context;
  const { entry } = opened;
  try {
    showEntry(download, entry, opened.geometry);
    if (task.shared?.entry !== entry) countRecovered(download, entry);
    if (opened.came) countAhead(download, opened.came);
    task.sharing?.setContent(opened);
    const wasComplete = entry.pieces.complete;
    if (!wasComplete) await fetchPieces(task, opened);
    progress.verified = true;
    // Peers may have been allowed meanwhile, or ruled out.
    const { shared, sharing, mayShare } = task;
    const isHeld = shared !== undefined && holds.isHeldBesides(shared, id);
    const isWanted = isHeld || turns.waiting(hash) > 0;
    const staysShared = options.keep && sharing !== undefined && mayShare;
    const dropWrong = !wasComplete && !isWanted;
    if (staysShared || isWanted) sharing?.beginNow();
    await deliver(download, entry, { keep: staysShared || isWanted, dropWrong }, signal);
    if (staysShared) {
      await noteCaching(download, context, entry);
      sharing.shared.announceNow();
      context.hub.offers.add(sharing.shared);
    }
    return staysShared;
  } finally {
    if (!task.shared) await entry.close();
  }
}

async function fetchPieces(task: Task, opened: OpenedContent): Promise<void> {
  const { download, context, plan, hash, sharing, signal } = task;
  const { entry, geometry } = opened;
  const origins = new Origins(download, context, plan);
  const content = { entry, geometry, verified: true };
  const salt = Buffer.from(hash, 'base64').readUInt32BE(0);
  const transfer = makeTransfer(download, context, content, origins, salt);
  if (sharing) transfer.setPeers(sharing.peers);
  // Pieces are judged by their bytes, not by the ETag they came under.
  const expected = { contentLength: geometry.contentLength, anyVersion: true };
  origins.start(transfer, expected, { hasPeers: sharing !== undefined });
  const over = new AbortController();
  const follower = new SettingsFollower(download, context, {
    origins,
    fileSize: geometry.contentLength,
    scope: plan,
    shared: () => task.sharing?.shared,
    seek: (scope) => seekAnew(task, opened, transfer, scope),
  });
  if (sharing) {
    const { fileSize, onDisk } = download.progress;
    // A cloud that was too slow once names peers too late as well.
    const stopsHttp = !task.head?.waivesGrace;
    const mayTry = !plan.cloud && download.foreground.current;
    const had = { missing: fileSize - onDisk(), opening: origins.opening, mayTry, stopsHttp };
    giveTimeToPeers(sharing, transfer, had, context.clock, over.signal)
      .catch((err: unknown) => context.logger.error({ err }, 'waiting for peers failed'))
      .then(() => transfer.setOriginAllowed(true));
  }
  try {
    await runTransfer(transfer, origins, signal);
  } catch (error) {
    throw plan.allow?.Http === false ? withoutHttp(error) : error;
  } finally {
    over.abort();
    await follower.stop();
    task.mayShare = follower.isOpen;
  }
}

/** What a cache host said last would say less than that HTTP is not allowed. */
function withoutHttp(error: unknown): unknown {
  const isOfSources = isSluiceError(error) && /^(NoSourceLeft$|Source)/.test(error.code);
  return isOfSources ? sluiceError('OnlyHttpLeft', { retryable: true }, { cause: error }) : error;
}

/** The mode is another, or peers are allowed for the first time: looks for them while HTTP goes on. */
async function seekAnew(
  task: Task,
  opened: OpenedContent,
  transfer: Transfer,
  scope: PeerScope,
): Promise<void> {
  const { download, context, hash } = task;
  const content = download.trusted;
  const cloud = context.cloudFor(download.request);
  const findsLocally = context.hub.localPeers !== undefined;
  if (!content || (!cloud && !findsLocally)) return;
  const isNew = task.sharing === undefined;
  const sharing = task.sharing ?? (await openSharing(download, context, content));
  task.sharing = sharing;
  task.shared = sharing.shared;
  const isAnothers = isNew && sharing.shared.entry !== undefined;
  if (!isNew) sharing.shared.forgetNamed();
  sharing.setContent(opened);
  const { mode, groupId } = scope;
  const plan = { cloud, mode, groupId, findsLocally };
  if (!isAnothers) sharing.begin(download, context, content, plan);
  download.progress.mode = mode;
  download.progress.modeReason = peersReason(plan, scope);
  if (isNew) transfer.setPeers(sharing.peers);
  context.logger.info({ content: hash, mode }, 'a change of settings: peers are looked for');
}
