import { addressKind, type DownloadCounters, type PeerEntry } from '@sluice/protocol';

/** How a peer was found, and so how its bytes are counted (workflow.md §5). */
export type PeerClass = 'Lan' | 'LinkLocal' | 'Group' | 'Internet';

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

export function classOfEntry(type: PeerEntry['Type']): PeerClass {
  return type === 'LAN' ? 'Lan' : type;
}

/** The class of a peer that came by itself and that no service has told us of: by its address. */
export function classOfAddress(address: string): PeerClass {
  const kind = addressKind(address);
  return kind === 'public' || kind === 'unusable' ? 'Internet' : 'Lan';
}
