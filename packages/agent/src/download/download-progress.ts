import type { Refusal, TrafficClass } from '@sluice/engine';
import type {
  AllowedSources,
  ContentPolicies,
  DownloadModeName,
  DownloadState,
  Span,
} from '@sluice/protocol';
import type { SharedContent } from '../content/shared-content.ts';
import type { Source } from '../source/index.ts';
import { Findings } from '../why/findings.ts';
import { CdnFaults } from './cdn-faults.ts';
import type { Surroundings } from './surroundings.ts';
import type { Transfer } from './transfer.ts';

/** What came for nothing. Bytes and pieces. */
export interface Waste {
  duplicateBytes: number;
  badPieces: number;
}

/** What the steps of a download write down, and its status is made of. */
export interface DownloadProgress {
  state: DownloadState;
  mode: DownloadModeName;
  modeReason: string;
  /** 0 while unknown. */
  fileSize: number;
  /** Bytes of it that are on this disk. */
  onDisk: () => number;
  resumedBytes: number;
  waste: Waste;
  cacheHost: string | undefined;
  /** What the publisher of the content wishes. */
  policies: ContentPolicies | undefined;
  /** From where it may come; undefined: from everywhere. */
  allow: AllowedSources | undefined;
  /** Why it may not get from peers. */
  refusals: Refusal[];
  sources: Source[];
  /** Set while the content is shared. */
  shared: SharedContent | undefined;
  /** Set while it runs. */
  transfer: Transfer | undefined;
  sha256: string | undefined;
  verified: boolean;
  findings: Findings;
  /** What went wrong with HTTP source and cache hosts. */
  cdnFaults: CdnFaults;
  /** Whose peers it looks for, in mode Group. */
  groupId: string | undefined;
  /** Good bytes that came in this life of the download, by who brought them. */
  came: Record<TrafficClass, number>;
  /** It gave way to a full line. */
  hasYielded: boolean;
  /** What was there when it ended. */
  atEnd: Surroundings | undefined;
  /** Whose peers were looked for; stays when `shared` ends, until the download has. */
  peersOf: SharedContent | undefined;
  /** While it runs, where somebody wants traces. */
  span: Span | undefined;
}

export function newProgress(): DownloadProgress {
  return {
    state: 'Created',
    mode: 'Simple',
    modeReason: 'not settled yet',
    fileSize: 0,
    onDisk: () => 0,
    resumedBytes: 0,
    waste: { duplicateBytes: 0, badPieces: 0 },
    cacheHost: undefined,
    policies: undefined,
    allow: undefined,
    refusals: [],
    sources: [],
    shared: undefined,
    transfer: undefined,
    sha256: undefined,
    verified: false,
    findings: new Findings(),
    cdnFaults: new CdnFaults(),
    groupId: undefined,
    came: { http: 0, cache: 0, Lan: 0, LinkLocal: 0, Group: 0, Internet: 0 },
    hasYielded: false,
    atEnd: undefined,
    peersOf: undefined,
    span: undefined,
  };
}
