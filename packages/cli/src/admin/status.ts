import { setTimeout as delay } from 'node:timers/promises';
import type { LocalApiClient } from '@sluice/agent/local-api';
import type { DownloadStatus, FilePeers } from '@sluice/protocol';
import { listenForStop } from '../process/stop-signal.ts';
import { formatBytes, formatRate } from '../terminal/format.ts';
import { print, printJson } from '../terminal/print.ts';
import { formatTable } from '../terminal/table.ts';
import { propertyList } from './property-list.ts';
import { type AgentFlags, withAgent } from './with-agent.ts';

export interface StatusFlags extends AgentFlags {
  peers?: boolean;
  selectPeerCount: number;
  watch?: boolean;
  verbose?: boolean;
}

const watchMs = 1_000;

/** `sluice status`: Get-DeliveryOptimizationStatus. @throws NoAgent, AgentLost. */
export async function status(flags: StatusFlags): Promise<void> {
  await withAgent(flags, async (client) => {
    if (!flags.watch) return show(client, flags);
    using stop = listenForStop();
    while (!stop.signal.aborted) {
      if (process.stdout.isTTY && !flags.json) process.stdout.write('\x1b[H\x1b[2J');
      await show(client, flags);
      await delay(watchMs, undefined, { signal: stop.signal }).catch(() => {
        // Ctrl-C is how one leaves.
      });
    }
  });
}

async function show(client: LocalApiClient, flags: StatusFlags): Promise<void> {
  if (flags.peers) {
    const files = await client.admin.peers(flags.selectPeerCount);
    if (flags.json) printJson(files);
    else print(files.map(peerTable).join('\n\n') || 'no files');
    return;
  }
  const { Downloads } = await client.status();
  if (flags.json) printJson(Downloads);
  else if (flags.verbose) print(Downloads.map(propertyList).join('\n\n') || 'no files');
  else print(Downloads.length === 0 ? 'no files' : statusTable(Downloads));
}

function statusTable(downloads: readonly DownloadStatus[]): string {
  const head = ['File', 'Status', 'Size', 'Here', 'Peers %', 'HTTP', 'Cache', 'Sent', 'Rate'];
  const rows = downloads.map((d) => [
    d.SourceURL,
    d.State === 'Failed' ? 'Failed' : d.Status,
    formatBytes(d.FileSize),
    formatBytes(d.FileSizeInCache),
    d.PercentPeerCaching.toFixed(0),
    formatBytes(d.BytesFromHttp - d.BytesFromCacheServer),
    formatBytes(d.BytesFromCacheServer),
    formatBytes(
      d.BytesToLanPeers + d.BytesToLinkLocalPeers + d.BytesToGroupPeers + d.BytesToInternetPeers,
    ),
    d.Status === 'Downloading' ? formatRate(d.BytesPerSecond) : '',
  ]);
  return formatTable([head, ...rows]);
}

function peerTable({ FileId, Peers }: FilePeers): string {
  const head = ['IP', 'PeerType', 'Connected', 'Sent', 'Received', 'Up', 'Down'];
  const rows = Peers.map((p) => [
    p.IP,
    p.PeerType,
    p.ConnectionEstablished ? 'yes' : 'no',
    formatBytes(p.BytesSent),
    formatBytes(p.BytesReceived),
    formatRate(p.UploadRateBytes),
    formatRate(p.DownloadRateBytes),
  ]);
  return `FileId: ${FileId}\n${formatTable([head, ...rows])}`;
}
