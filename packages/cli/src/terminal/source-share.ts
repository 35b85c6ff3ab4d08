import type { DownloadStatus } from '@sluice/protocol';
import type { Colour, Paint } from './colour.ts';
import { formatBytes } from './format.ts';

/** Bytes of one kind of source. */
export interface SourceShare {
  name: 'http' | 'cache' | 'LAN' | 'group' | 'internet';
  bytes: number;
  colour: Colour;
}

/** Where the bytes of a download came from, kinds without any left out. */
export function sourceShares(status: DownloadStatus): SourceShare[] {
  const all: SourceShare[] = [
    // BytesFromHttp includes the cache server's.
    { name: 'http', bytes: status.BytesFromHttp - status.BytesFromCacheServer, colour: 'blue' },
    { name: 'cache', bytes: status.BytesFromCacheServer, colour: 'yellow' },
    {
      name: 'LAN',
      bytes: status.BytesFromLanPeers + status.BytesFromLinkLocalPeers,
      colour: 'green',
    },
    { name: 'group', bytes: status.BytesFromGroupPeers, colour: 'cyan' },
    { name: 'internet', bytes: status.BytesFromInternetPeers, colour: 'magenta' },
  ];
  return all.filter((share) => share.bytes > 0);
}

/** `http 12.0 MiB, LAN 52.0 MiB`. */
export function formatShares(shares: readonly SourceShare[], paint: Paint): string {
  return shares.map((s) => paint(s.colour, `${s.name} ${formatBytes(s.bytes)}`)).join(', ');
}
