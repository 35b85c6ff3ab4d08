import path from 'node:path';
import { sluiceError } from '@sluice/protocol';
import { defaultDataDir } from '../paths/data-dir.ts';
import { listenForStop } from '../process/stop-signal.ts';
import { downloadRequest } from './download-request.ts';
import type { GetOptions } from './get-options.ts';
import { openReport } from './report.ts';
import { getThroughAgent } from './through-agent.ts';

/** Flags for the device, which a running agent has of its own. */
const agentsOwn: { name: keyof GetOptions; flag: string; unless?: unknown }[] = [
  { name: 'peerPort', flag: '--peer-port' },
  { name: 'seedFor', flag: '--seed-for' },
  { name: 'set', flag: '--set' },
  { name: 'localDiscovery', flag: '--no-local-discovery', unless: true },
  { name: 'restrictPeerSelectionBy', flag: '--restrict-peer-selection-by' },
  { name: 'maxDownloadRate', flag: '--max-download-rate' },
  { name: 'maxUploadRate', flag: '--max-upload-rate' },
];

/** `sluice get`: through the agent that runs on this device when there is one, else by itself. */
export async function get(url: string, options: GetOptions): Promise<void> {
  const request = await downloadRequest(url, options);
  using stop = listenForStop();
  using report = await openReport(options);
  // Only now: what is wrong with the flags is said before anything is loaded.
  const { connectLocalApi } = await import('@sluice/agent/local-api');
  const dataDir = path.resolve(options.dataDir ?? defaultDataDir('agent'));
  await using client = await connectLocalApi(dataDir);
  if (!client) {
    const { getInProcess } = await import('./in-process.ts');
    await getInProcess(request, options, report, stop.signal);
    return;
  }
  const ignored = agentsOwn.filter((flag) => isGiven(options, flag));
  if (ignored.length > 0) {
    const flags = ignored.map(({ flag }) => flag).join(', ');
    report.note(`the running agent does it; of its own affair, and not used: ${flags}`);
  }
  refuseKeys(options);
  const status = await getThroughAgent(client, request, report.show, stop.signal);
  try {
    report.finish(status);
  } finally {
    if (options.explain) report.explain(await client.why(status.Id));
  }
}

/** What would be believed without them is not what was asked for: a note would not do. @throws InvalidArgument */
function refuseKeys({ trustedKeys, requireSigned }: GetOptions): void {
  if (trustedKeys === undefined && !requireSigned) return;
  const name = trustedKeys === undefined ? '--require-signed' : '--trusted-keys';
  const detail = 'is for the running agent to be started with; or give another --data-dir';
  throw sluiceError('InvalidArgument', { name, detail });
}

function isGiven(options: GetOptions, { name, unless }: (typeof agentsOwn)[number]): boolean {
  return options[name] !== undefined && options[name] !== unless;
}
