import type { LimitFlags } from '../options/limits.ts';
import type { LogLevel } from '../process/log-level.ts';

/** The flags of `sluice get`, checked one by one. */
export interface GetOptions extends LimitFlags {
  output?: string;
  cloud?: string;
  cacheHost?: string[];
  hashOfHashes?: string;
  phf?: string;
  contentId?: string;
  sha256?: string;
  mode?: '0' | '1' | '2' | '3' | '99';
  groupId?: string;
  foreground?: boolean;
  dataDir?: string;
  peerPort?: number;
  /** Seconds. */
  seedFor?: number;
  json?: boolean;
  quiet?: boolean;
  logLevel: LogLevel;
}
