import { print, printJson } from '../terminal/print.ts';
import { findDownload } from '../why/find-download.ts';
import { type AgentFlags, withAgent } from './with-agent.ts';

/**
 * `sluice priority`: asks the running agent.
 * @throws NoAgent, DownloadUnknown, AgentLost, ServiceRefused.
 */
export async function setPriority(
  name: string,
  priority: 'foreground' | 'background',
  flags: AgentFlags,
): Promise<void> {
  const status = await withAgent(flags, async (client) => {
    const { Downloads } = await client.status();
    return client.setForeground(findDownload(Downloads, name).Id, priority === 'foreground');
  });
  if (flags.json) printJson(status);
  else print(`${status.SourceURL} is in the ${priority} now`);
}
