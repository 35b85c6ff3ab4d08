import { sluiceError, toSluiceError } from '@sluice/protocol';
import { type ContentPlan, planContent } from './content-plan.ts';
import type { Download, DownloadContext } from './download.ts';
import { fetchRanges } from './fetch-ranges.ts';
import { fetchUnverified } from './fetch-unverified.ts';
import { fetchVerified } from './fetch-verified.ts';
import { HeadStart } from './head-start.ts';
import { mayUsePeers } from './peer-gates.ts';
import { peerScope } from './settled-mode.ts';
import { shareAgain } from './share-again.ts';
import { toTarget } from './to-target.ts';

/** The steps of a download: what is it, get it, check it, deliver it. */
export async function fetchContent(
  download: Download,
  context: DownloadContext,
  signal: AbortSignal,
): Promise<void> {
  const { progress, options } = download;
  download.setState('Transferring');
  if (options.delivered) return shareAgain(download, context, signal);
  const span = context.tracer?.begin('download', 'internal');
  progress.span = span;
  try {
    await fetchSteps(download, context, signal);
    span?.end();
  } catch (error) {
    span?.end(toSluiceError(error).code);
    throw error;
  } finally {
    progress.span = undefined;
  }
}

async function fetchSteps(
  download: Download,
  context: DownloadContext,
  signal: AbortSignal,
): Promise<void> {
  const { request, options, trusted } = download;
  if (!options.refetch) await toTarget(download, async () => {});
  if (options.ranges) return fetchRanges(download, options.ranges, context, signal);
  const defaults = {
    cloud: context.cloudFor(request),
    findsLocally: context.hub.localPeers !== undefined,
    cacheHosts: context.cacheHosts,
    signatures: context.signatures,
    span: download.progress.span,
    scope: await peerScope(request, context),
    trusted,
  };
  const head = await HeadStart.begin(download, context, defaults, signal);
  try {
    const asked = { ...defaults, meanwhile: head?.ended };
    const plan = await planContent(request, asked, context.clock, signal);
    await fetchAsPlanned(download, context, plan, head, signal);
  } finally {
    await head?.stop();
  }
}

async function fetchAsPlanned(
  download: Download,
  context: DownloadContext,
  plan: ContentPlan,
  head: HeadStart | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { progress } = download;
  progress.findings = plan.findings;
  progress.cacheHost = plan.cacheHosts[0];
  progress.policies = plan.policies;
  progress.allow = plan.allow;
  showMode(download, plan);
  if (plan.trusted) await head?.expectProof(plan);
  if (plan.cloud && !(await mayUsePeers(download, context, plan.mode))) plan.cloud = undefined;
  if (plan.trusted) {
    download.trust(plan.trusted);
    if (await fetchVerified(download, context, plan, plan.trusted, head, signal)) return;
    plan.mode = 'Simple';
    plan.reason = plan.findings.notes().at(-1) ?? 'no pieces hash file that verifies';
    showMode(download, plan);
    if (plan.cacheHostsNeedProof) {
      plan.cacheHosts = [];
      progress.cacheHost = undefined;
    }
  }
  if (plan.allow?.Http === false) {
    const reason = 'it may not come by HTTP, and without a hash list from nowhere else';
    throw sluiceError('ContentBlocked', { reason });
  }
  if (download.options.mustVerify) throw sluiceError('JobNotVerifiable');
  if (await head?.goOn(plan)) return;
  await fetchUnverified(download, context, plan, signal);
}

function showMode({ progress }: Download, plan: ContentPlan): void {
  progress.mode = plan.mode;
  progress.groupId = plan.groupId;
  progress.modeReason = plan.reason;
}
