import type { TrafficClass } from '@sluice/engine';
import type { DownloadCounters } from '@sluice/protocol';
import type { SourceKind } from '../source/index.ts';
import { bytesFrom, type PeerClass } from '../swarm/peer-class.ts';

/** Where a piece came from, as the store's journal keeps it: one byte. Never renumber. */
const tags = { http: 1, cache: 2, Lan: 3, LinkLocal: 4, Group: 5, Internet: 6 } as const;

export type Origin = { kind: Exclude<SourceKind, 'peer'> } | { kind: 'peer'; peerClass: PeerClass };

/** As limits tell it apart. */
export function trafficOf(origin: Origin): TrafficClass {
  return origin.kind === 'peer' ? origin.peerClass : origin.kind;
}

export function originTag(origin: Origin): number {
  return tags[trafficOf(origin)];
}

/** Counts good bytes of an origin. `BytesFromHttp` includes the cache server (admin.md §2). */
export function countFrom(counters: DownloadCounters, tag: number, bytes: number): void {
  if (tag === tags.http || tag === tags.cache) counters.BytesFromHttp += bytes;
  if (tag === tags.cache) counters.BytesFromCacheServer += bytes;
  for (const peerClass of ['Lan', 'LinkLocal', 'Group', 'Internet'] as const) {
    if (tag === tags[peerClass]) counters[bytesFrom[peerClass]] += bytes;
  }
}

export function noCounters(): DownloadCounters {
  return {
    BytesFromHttp: 0,
    BytesFromCacheServer: 0,
    BytesFromLanPeers: 0,
    BytesFromLinkLocalPeers: 0,
    BytesFromGroupPeers: 0,
    BytesFromInternetPeers: 0,
    BytesToLanPeers: 0,
    BytesToLinkLocalPeers: 0,
    BytesToGroupPeers: 0,
    BytesToInternetPeers: 0,
  };
}
