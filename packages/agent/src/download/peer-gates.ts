import { downloadRefusals, type HostFacts } from '@sluice/engine';
import type { DownloadModeName } from '@sluice/protocol';
import type { Download, DownloadContext } from './download.ts';

/**
 * Whether the peer gates (policies.md §6) let this download use peers; if not, it is noted why, and the
 * download goes on with HTTP and cache. Asked once of the device and again when the size is known: what
 * changes later (battery, VPN, cap) ends uploads only.
 * @param fileSize bytes, when known.
 */
export async function mayUsePeers(
  download: Download,
  context: DownloadContext,
  mode: DownloadModeName,
  fileSize?: number,
): Promise<boolean> {
  return passes(download, context, await context.host.facts(), mode, fileSize);
}

/** The same for what is only shared. A VPN is left to the upload gate: it goes as it came. */
export async function mayShare(
  download: Download,
  context: DownloadContext,
  mode: DownloadModeName,
  fileSize: number,
): Promise<boolean> {
  const facts = await context.host.facts();
  return passes(download, context, { ...facts, adapters: [] }, mode, fileSize);
}

function passes(
  { progress }: Download,
  { settings }: DownloadContext,
  host: HostFacts,
  mode: DownloadModeName,
  fileSize: number | undefined,
): boolean {
  // Told where the plan is made.
  if (progress.allow?.P2P === false) return false;
  const found = downloadRefusals({ settings: settings.current, host, mode, fileSize });
  const refusals = found.map((refusal) => {
    const setBy = settings.setBy(refusal.rule);
    return setBy === undefined ? refusal : { ...refusal, setBy };
  });
  progress.refusals = refusals;
  for (const refusal of refusals) {
    // The mode is told where the plan is made.
    if (refusal.rule !== 'DODownloadMode') progress.findings.add({ what: 'gate', refusal });
  }
  return refusals.length === 0;
}
