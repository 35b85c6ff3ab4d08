import { type AgentFlags, agentDataDir } from '../admin/with-agent.ts';
import { formatBytes } from '../terminal/format.ts';
import { print, printJson } from '../terminal/print.ts';
import { formatTable } from '../terminal/table.ts';

/** `sluice events`: what waits to be told to the cloud, and how that went until now. @throws Disk errors */
export async function events(flags: AgentFlags): Promise<void> {
  const { waitingEvents } = await import('@sluice/agent/events');
  const { events, state } = await waitingEvents(agentDataDir(flags));
  if (flags.json) {
    printJson({ ...state, LastSentAt: dateOf(state.LastSentAt), Events: events });
    return;
  }
  if (events.length > 0) {
    print(`${formatTable([['Time', 'Event', 'Of', 'Bytes'], ...events.map(row)])}\n`);
  }
  const { Sent, Dropped, LastSentAt, LastError } = state;
  const last = LastSentAt === null ? 'never' : `last ${dateOf(LastSentAt)}`;
  print(`${events.length} waiting, ${Sent} sent (${last}), ${Dropped} dropped`);
  if (LastError !== null) print(`not sent: ${LastError}`);
}

function row(event: Record<string, unknown>): string[] {
  const { Time, Name, CdnUrl, FileId, FileSize } = event;
  const of = CdnUrl ?? FileId ?? '';
  const size = typeof FileSize === 'number' ? formatBytes(FileSize) : '';
  return [dateOf(Time) ?? '', String(Name), String(of), size];
}

/** Ms since 1970 as ISO 8601. */
function dateOf(time: unknown): string | null {
  const date = new Date(typeof time === 'number' ? time : Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
