/** How a peer is found, and so what it may get (workflow.md §5). */
export type PeerClass = 'Lan' | 'LinkLocal' | 'Group' | 'Internet';

export const peerClasses: readonly PeerClass[] = ['Lan', 'LinkLocal', 'Group', 'Internet'];

/** The rules that can keep a download from peers, or peers from us. All but the mode are settings. */
export type GateRule =
  | 'DODownloadMode'
  | 'DOMinRAMAllowedToPeer'
  | 'DOMinDiskSizeAllowedToPeer'
  | 'DOMinFileSizeToCache'
  | 'DOAllowVPNPeerCaching'
  | 'DOMinBatteryPercentageAllowedToUpload'
  | 'DOMonthlyUploadDataCap';

/** Why peers are not used: one rule, what it asks for and what was found, in words with units. */
export interface Refusal {
  rule: GateRule;
  /** What the rule asks for: `at least 4 GB`. */
  limit: string;
  /** What is: `2 GB`. */
  actual: string;
  /** Getting from peers, or sending to them. */
  affects: 'download' | 'upload';
  /** Peers that it is about; all of them when not given. */
  peerClass?: PeerClass;
  /** What would change it, as a sentence. */
  remedy: string;
  /** Who set the rule, for people; undefined: nobody. */
  setBy?: string;
}
