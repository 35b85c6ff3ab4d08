import type { PeerClass } from '@sluice/engine';
import {
  addressKind,
  type DownloadCounters,
  type Elsewhere,
  type PeerEntry,
} from '@sluice/protocol';

export type { PeerClass };

export const bytesFrom = {
  Lan: 'BytesFromLanPeers',
  LinkLocal: 'BytesFromLinkLocalPeers',
  Group: 'BytesFromGroupPeers',
  Internet: 'BytesFromInternetPeers',
} as const satisfies Record<PeerClass, keyof DownloadCounters>;

export const bytesTo = {
  Lan: 'BytesToLanPeers',
  LinkLocal: 'BytesToLinkLocalPeers',
  Group: 'BytesToGroupPeers',
  Internet: 'BytesToInternetPeers',
} as const satisfies Record<PeerClass, keyof DownloadCounters>;

/** Whether what peers of the class send comes over the site's line. */
export function isElsewhere(peerClass: PeerClass): peerClass is Elsewhere {
  return peerClass === 'Group' || peerClass === 'Internet';
}

/** Whether peers of the class share the site's line with this device. */
export function isOnSite(peerClass: PeerClass): boolean {
  return !isElsewhere(peerClass);
}

/**
 * The class of a peer: what is said of it, unless it comes from elsewhere on the Internet under that
 * name; else by its address. Link-local addresses are a class of their own within the site.
 * @param entry what the array or another finder says of the peer id.
 * @param address where the connection goes to or comes from.
 */
export function peerClassOf(entry: PeerEntry | undefined, address: string): PeerClass {
  const kind = addressKind(address);
  const isFar = kind === 'public' || kind === 'unusable';
  const near = kind === 'linkLocal' ? 'LinkLocal' : 'Lan';
  if (entry && (entry.Ip === address || !isFar)) return entry.Type === 'LAN' ? near : entry.Type;
  return isFar ? 'Internet' : near;
}
