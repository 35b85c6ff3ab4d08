import path from 'node:path';
import { defaultDataDir } from '../paths/data-dir.ts';
import { listenForStop } from '../process/stop-signal.ts';
import { downloadRequest } from './download-request.ts';
import type { GetOptions } from './get-options.ts';
import { openReport } from './report.ts';
import { getThroughAgent } from './through-agent.ts';

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
  if (hasAgentFlags(options)) {
    report.note(
      'the running agent does it; --peer-port, --seed-for, --set and how it finds peers are its own affair',
    );
  }
  const status = await getThroughAgent(client, request, report.show, stop.signal);
  try {
    report.finish(status);
  } finally {
    if (options.explain) report.explain(await client.why(status.Id));
  }
}

/** Flags that say how an agent of this process would run. */
function hasAgentFlags(options: GetOptions): boolean {
  const { peerPort, seedFor, set, localDiscovery, restrictPeerSelectionBy } = options;
  const finds = localDiscovery && restrictPeerSelectionBy === 'none';
  return [peerPort, seedFor, set].some((given) => given !== undefined) || !finds;
}
