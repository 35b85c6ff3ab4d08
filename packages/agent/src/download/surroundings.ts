import type { Source } from '../source/index.ts';
import type { DownloadProgress } from './download-progress.ts';

/** What is known of sources and peers only while they are there. */
export interface Surroundings {
  /** Address of the HTTP source. */
  cdnIp: string | undefined;
  /** Peers found on the local network. */
  localPeers: number;
  /** Peers that are known and not connected. */
  unconnected: number;
}

export function surroundingsOf({ sources, peersOf, shared }: DownloadProgress): Surroundings {
  const content = peersOf ?? shared;
  return {
    cdnIp: sources.find(({ kind, remote }) => kind === 'http' && remote)?.remote?.host,
    localPeers: content?.foundPeers ?? 0,
    unconnected: content?.swarm.unconnected.length ?? 0,
  };
}

/** Connections of sources of that kind that are in use. */
export function connectionsOf(sources: readonly Source[], kind: Source['kind']): number {
  return sources.reduce((n, s) => n + (s.kind === kind ? s.activeConnections : 0), 0);
}
