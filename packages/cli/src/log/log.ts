import { propertyList } from '../admin/property-list.ts';
import { type AgentFlags, agentDataDir } from '../admin/with-agent.ts';
import { listenForStop } from '../process/stop-signal.ts';
import { formatBytes } from '../terminal/format.ts';
import { print, printJson } from '../terminal/print.ts';
import { formatTable } from '../terminal/table.ts';
import { LogAnalyst } from './analyze-log.ts';
import { formatLogLine, type LogLine, levelNumbers } from './log-line.ts';
import { followLog, readLog } from './read-log.ts';

export interface LogFlags extends AgentFlags {
  follow?: boolean;
  level: string;
  analyze?: boolean;
  connections?: boolean;
}

/** `sluice log`: Get-DeliveryOptimizationLog and …LogAnalysis, of the files: no agent need run. */
export async function log(flags: LogFlags): Promise<void> {
  const dataDir = agentDataDir(flags);
  if (flags.analyze) return analyze(dataDir, flags);
  const least = levelNumbers[flags.level]!;
  const show = (line: LogLine) => {
    if (line.level < least) return;
    if (flags.json) printJson(line);
    else print(formatLogLine(line));
  };
  if (!flags.follow) {
    for await (const line of readLog(dataDir)) show(line);
    return;
  }
  using stop = listenForStop();
  for await (const line of followLog(dataDir, stop.signal)) show(line);
}

async function analyze(dataDir: string, flags: LogFlags): Promise<void> {
  const analyst = new LogAnalyst();
  for await (const line of readLog(dataDir)) analyst.add(line);
  const analysis = analyst.analysis();
  const { connections } = analyst;
  if (flags.json) {
    printJson(flags.connections ? { ...analysis, Connections: connections } : analysis);
    return;
  }
  print(propertyList(analysis));
  if (!flags.connections) return;
  const head = ['IP', 'PeerType', 'StatusCode', 'Sent', 'Received', 'FileId'];
  const rows = connections.map((c) => [
    c.IP,
    c.PeerType,
    c.StatusCode,
    formatBytes(c.BytesSent),
    formatBytes(c.BytesReceived),
    c.FileId ?? '',
  ]);
  print(`\n${formatTable([head, ...rows])}`);
}
