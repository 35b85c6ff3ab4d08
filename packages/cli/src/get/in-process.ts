import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Agent,
  createAgent,
  type Download,
  SystemDhcp,
  SystemGroupFacts,
  settingsFileOf,
  systemPolicyPlaces,
} from '@sluice/agent';
import { type DownloadRequest, type DownloadStatus, sluiceError } from '@sluice/protocol';
import { trustedKeysOf } from '../keys/trusted-keys.ts';
import { limitsOf } from '../options/limits.ts';
import { defaultDataDir } from '../paths/data-dir.ts';
import { openLogger } from '../process/logger.ts';
import { otlpEndpoint } from '../process/otlp-endpoint.ts';
import { whenAborted } from '../process/stop-signal.ts';
import type { GetOptions } from './get-options.ts';
import { openPartialFolder } from './partial-folder.ts';
import type { GetReport } from './report.ts';

/**
 * Downloads by an agent of this process, which ends with it. What it has fetched when it ends early lies
 * in the data directory for the next time.
 * @throws ReportedFailure, Cancelled, and what keeps an agent from starting.
 */
export async function getInProcess(
  request: DownloadRequest,
  options: GetOptions,
  report: GetReport,
  signal: AbortSignal,
): Promise<void> {
  if (options.dataDir !== undefined) {
    await runAgent(path.resolve(options.dataDir), request, options, report, signal);
    return;
  }
  await using partial = await openPartialFolder(request.Output);
  await runAgent(partial.path, request, options, report, signal, partial.ended);
}

async function runAgent(
  dataDir: string,
  request: DownloadRequest,
  options: GetOptions,
  report: GetReport,
  signal: AbortSignal,
  onEnd: (status: DownloadStatus) => void = () => {},
): Promise<void> {
  const { seedFor = 0 } = options;
  await using agent = await createAgent({
    dataDir,
    cloudUrl: options.cloud,
    enrolmentDir: defaultDataDir('agent'),
    cacheHosts: options.cacheHost,
    env: process.env,
    otlpEndpoint: otlpEndpoint(),
    peerPort: options.peerPort,
    settings: { ...options.set, ...limitsOf(options) },
    policies: { ...systemPolicyPlaces(), settingsFile: settingsFileOf(defaultDataDir('agent')) },
    dhcp: new SystemDhcp(),
    groupFacts: new SystemGroupFacts(),
    localDiscovery: options.localDiscovery,
    restrictPeerSelectionBy: options.restrictPeerSelectionBy,
    trustedKeys: await trustedKeysOf(options),
    ...(options.dataDir === undefined && { eventsHome: defaultDataDir('agent') }),
    logger: openLogger(options.logLevel),
  });
  const download = await agent.download(request, { keep: seedFor > 0 });
  try {
    const status = await finished(download, report, signal);
    try {
      report.finish(status);
    } finally {
      if (options.explain) report.explain(download.why());
    }
    if (seedFor > 0) await seed(agent, seedFor, report, signal);
  } finally {
    onEnd(download.status());
  }
}

async function finished(
  download: Download,
  report: GetReport,
  signal: AbortSignal,
): Promise<DownloadStatus> {
  const unsubscribe = download.subscribe(report.show);
  try {
    const status = await Promise.race([download.finished, whenAborted(signal)]);
    if (!status) throw sluiceError('Cancelled', {}, { cause: signal.reason });
    return status;
  } finally {
    unsubscribe();
  }
}

/** Serves peers for that many seconds, or until Ctrl-C. */
async function seed(
  agent: Agent,
  seconds: number,
  report: GetReport,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  await Promise.race([
    delay(seconds * 1000, undefined, { signal: over.signal }),
    whenAborted(signal),
  ]);
  over.abort();
  report.seeded(agent.downloads().reduce((sum, d) => sum + bytesToPeers(d.status()), 0));
}

function bytesToPeers(status: DownloadStatus): number {
  return (
    status.BytesToLanPeers +
    status.BytesToLinkLocalPeers +
    status.BytesToGroupPeers +
    status.BytesToInternetPeers
  );
}
