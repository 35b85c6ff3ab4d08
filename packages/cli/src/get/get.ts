import path from 'node:path';
import { defaultDataDir } from '../paths/data-dir.ts';
import { listenForStop } from '../process/stop-signal.ts';
import { downloadRequest } from './download-request.ts';
import type { GetOptions } from './get-options.ts';
import { openReport } from './report.ts';
import { getThroughAgent } from './through-agent.ts';

/** Flags for the device, which a running agent has of its own. */
const agentsOwn = [
  ['peerPort', '--peer-port'],
  ['seedFor', '--seed-for'],
  ['maxDownloadRate', '--max-download-rate'],
  ['maxUploadRate', '--max-upload-rate'],
] as const;

/** `sluice get`: through the agent that runs on this device when there is one, else by itself. */
export async function get(url: string, options: GetOptions): Promise<void> {
  const request = await downloadRequest(url, options);
  using stop = listenForStop();
  using report = await openReport(options);
  // Only now: what is wrong with the flags is said before the agent is loaded.
  const { connectLocalApi } = await import('@sluice/agent');
  const dataDir = path.resolve(options.dataDir ?? defaultDataDir('agent'));
  await using client = await connectLocalApi(dataDir);
  if (!client) {
    const { getInProcess } = await import('./in-process.ts');
    await getInProcess(request, options, report, stop.signal);
    return;
  }
  const ignored = agentsOwn.filter(([name]) => options[name] !== undefined);
  if (ignored.length > 0) {
    const flags = ignored.map(([, flag]) => flag).join(', ');
    report.note(`the running agent does it; of its own affair, and not used: ${flags}`);
  }
  report.finish(await getThroughAgent(client, request, report.show, stop.signal));
}
