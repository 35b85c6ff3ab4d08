import { print, printJson } from '../terminal/print.ts';
import { propertyList } from './property-list.ts';
import { type AgentFlags, withAgent } from './with-agent.ts';

/** `sluice perfsnap`: Get-DeliveryOptimizationPerfSnap and …PerfSnapThisMonth. @throws NoAgent, AgentLost. */
export async function perfSnap(
  flags: AgentFlags & { verbose?: boolean; month?: boolean },
): Promise<void> {
  await withAgent(flags, async ({ admin }) => {
    const { Verbose, ...base } = flags.month
      ? { Verbose: {}, ...(await admin.monthSnap()) }
      : await admin.perfSnap();
    const shown = flags.verbose ? { ...base, ...Verbose } : base;
    if (flags.json) printJson(shown);
    else print(propertyList(shown));
  });
}
