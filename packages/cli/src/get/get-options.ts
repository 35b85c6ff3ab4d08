import type { PeerRestriction } from '@sluice/agent';
import type { HttpFlags } from '../options/http.ts';
import type { LimitFlags } from '../options/limits.ts';
import type { TrustFlags } from '../options/signing.ts';
import type { LogLevel } from '../process/log-level.ts';

/** The flags of `sluice get`, checked one by one. */
export interface GetOptions extends LimitFlags, HttpFlags, TrustFlags {
  output?: string;
  cloud?: string;
  cacheHost?: string[];
  hashOfHashes?: string;
  phf?: string;
  contentId?: string;
  contentType?: string;
  sha256?: string;
  mode?: '0' | '1' | '2' | '3' | '99';
  groupId?: string;
  foreground?: boolean;
  dataDir?: string;
  peerPort?: number;
  set?: Record<string, string>;
  localDiscovery: boolean;
  restrictPeerSelectionBy?: PeerRestriction;
  /** Seconds. */
  seedFor?: number;
  explain?: boolean;
  json?: boolean;
  quiet?: boolean;
  logLevel: LogLevel;
}
