import { sluiceError } from '@sluice/protocol';
import type { TrustedContent } from '../jobs/job.ts';
import { peersReason } from './content-plan.ts';
import type { Download, DownloadContext } from './download.ts';
import { countRecovered, showEntry } from './fetch-steps.ts';
import { describeStored, type OpenedContent, openStored } from './open-stored.ts';
import { mayShare } from './peer-gates.ts';
import { peerScope } from './settled-mode.ts';
import { openSharing, type Sharing } from './sharing.ts';

/**
 * Shares again what was delivered in an earlier life of the agent; nothing is fetched. The cloud need
 * not be there yet.
 * @throws ContentChanged when the store no longer has it.
 */
export async function shareAgain(
  download: Download,
  context: DownloadContext,
  signal: AbortSignal,
): Promise<void> {
  const content = download.trusted;
  if (!content) throw gone(download.request.Url);
  const cloud = context.cloudFor(download.request);
  const scope = await peerScope(download.request, context);
  const { mode, groupId } = scope;
  const plan = { mode, groupId, cloud, findsLocally: context.hub.localPeers !== undefined };
  download.progress.mode = mode;
  download.progress.modeReason = peersReason(plan, scope);
  if (!cloud && !plan.findsLocally) return;
  await context.turns.run(content.HashOfHashes, signal, async () => {
    const stored = await describeStored(context.hub.store, content.HashOfHashes);
    if (stored && !(await mayShare(download, context, mode, stored.contentLength))) return;
    const sharing = await openSharing(download, context, content);
    try {
      const isAnnounced = sharing.shared.entry !== undefined;
      await open(download, context, content, sharing, signal);
      if (!isAnnounced) sharing.begin(download, context, content, plan);
      context.hub.offers.add(sharing.shared);
    } catch (error) {
      download.progress.shared = undefined;
      await context.holds.letGo(sharing.shared, download.id);
      throw error;
    }
  });
}

async function open(
  download: Download,
  { hub }: DownloadContext,
  { HashOfHashes: hash }: TrustedContent,
  sharing: Sharing,
  signal: AbortSignal,
): Promise<void> {
  const { entry: shared } = sharing.shared;
  const geometry = shared && (await describeStored(hub.store, hash));
  const opened: OpenedContent | undefined =
    shared && geometry ? { entry: shared, geometry } : await openStored(hub.store, hash, signal);
  if (!opened?.entry.pieces.complete) {
    if (!shared) await opened?.entry.close();
    throw gone(hash);
  }
  showEntry(download, opened.entry, opened.geometry);
  if (!shared) countRecovered(download, opened.entry);
  sharing.setContent(opened);
  download.progress.verified = true;
}

function gone(key: string): Error {
  return sluiceError('ContentChanged', { key, detail: 'they are not all there any more' });
}
