import type { PeerId, PieceMap, PieceRun, SourceClass } from '@sluice/protocol';

/** Chosen by the caller, unique within a scheduler for its whole life. */
export type SourceId = number;

/** One request to a source; unique within a scheduler. */
export type FetchId = number;

export type OriginKind = 'http' | 'cache';

/** What the scheduler must know of a source when it appears. */
export type SourceSpec =
  | {
      id: SourceId;
      kind: OriginKind;
      /** Requests at once. */
      maxFetches: number;
      /** For the log: URL or address. */
      label?: string;
    }
  | {
      id: SourceId;
      kind: 'peer';
      peerId: PeerId;
      /** On our site: shares the thin link, so pieces are divided among us (design: one copy). */
      sameSite: boolean;
      /** Said by its hello: it fetches from HTTP and tells by claims what. */
      sharesWork: boolean;
      /** Said by its hello: how often its share of the work is halved; 0 when not given. */
      handicap?: number | undefined;
      has: PieceMap;
      /** For the log: address. */
      label?: string;
      /** For the log: how its bytes are counted; by `sameSite` when not given. */
      peerClass?: Exclude<SourceClass, OriginKind>;
    };

/** Everything the scheduler hears. Times come beside it, bytes are bytes, rates bytes/s. */
export type SchedulerEvent =
  | { type: 'sourceAdded'; source: SourceSpec }
  | { type: 'sourceGone'; source: SourceId }
  /** The source ignores ranges: it can only stream the whole content from the start. */
  | { type: 'sourceSequential'; source: SourceId }
  | { type: 'peerHas'; source: SourceId; piece: number }
  | { type: 'peerShares'; source: SourceId; sharesWork: boolean; handicap?: number | undefined }
  | { type: 'choked'; source: SourceId; choked: boolean }
  | { type: 'claimed'; source: SourceId; runs: PieceRun[]; rate: number }
  | { type: 'released'; source: SourceId; runs: PieceRun[] }
  /** Payload arrived; told per read or coalesced. */
  | { type: 'received'; source: SourceId; bytes: number }
  | { type: 'pieceGood'; fetch: FetchId; piece: number }
  | { type: 'pieceBad'; fetch: FetchId; piece: number }
  /** The fetch ended: normally (all its pieces told), by cancel, or by a fault. */
  | { type: 'fetchEnded'; fetch: FetchId; fault?: Fault }
  /** Whether HTTP and cache, or one of them, may be asked now (start grace, delay policies). */
  | { type: 'originAllowed'; allowed: boolean; kind?: OriginKind }
  /** Whether the site's devices can get from this one (upload gates): only then does it share their work. */
  | { type: 'selfShares'; shares: boolean }
  /** All devices of the site that are connected know this handicap, the last one they were to be told. */
  | { type: 'handicapKnown'; handicap: number }
  /** Whether this device fetches for its site what none there has (array); if not, others do. */
  | { type: 'selfFetches'; fetches: boolean }
  /** Whether somebody waits for the download from now on (`SchedulerOptions.foreground`). */
  | { type: 'priority'; foreground: boolean };

/** What is about one source that is known already, but for the pieces that it gets. */
export type SourceEvent = Exclude<
  Extract<SchedulerEvent, { source: SourceId }>,
  { type: 'sourceAdded' | 'peerHas' }
>;

/** What a peer says of itself, but for the pieces that it gets. */
export type PeerEvent = Extract<
  SchedulerEvent,
  { type: 'peerShares' | 'choked' | 'claimed' | 'released' }
>;

export interface Fault {
  /** False: the source will never deliver (404, object changed). */
  retryable: boolean;
  /** The source asked to wait so long, ms. */
  retryAfterMs?: number;
  /** For the log: of the catalogue of errors. */
  code?: string;
}

/** Why a piece is fetched from where it is: the record behind `sluice why`. */
export type Reason =
  /** A peer has it. */
  | 'peer'
  /** No peer has it and this device is the responsible one. */
  | 'responsible'
  /** The responsible device is late or has more than it can do in time. */
  | 'takeOver'
  /** Peers have it but are much slower than HTTP would be. */
  | 'floor'
  /** A second request for a late piece. */
  | 'hedge'
  /** The source can only stream from the start. */
  | 'stream';

/** What the caller must do now. */
export type Action =
  | { type: 'fetch'; fetch: FetchId; source: SourceId; run: PieceRun; reason: Reason }
  /** Give up the fetch; its missing pieces have been given elsewhere. Answer with `fetchEnded`. */
  | { type: 'cancel'; fetch: FetchId }
  /** Tell peers what this device fetches from HTTP, and at what rate (bytes/s, 0 unknown). */
  | { type: 'claim'; runs: PieceRun[]; rate: number }
  | { type: 'release'; runs: PieceRun[] }
  /** Tell the devices of the site that this one takes a smaller or larger share; answer with `handicapKnown`. */
  | { type: 'handicap'; handicap: number }
  /** Tell the peer whether it has a piece that is missing here. */
  | { type: 'interest'; source: SourceId; interested: boolean }
  /** The peer sent bad pieces or will never deliver: drop it, and do not come back to it in this download. `because`: as in the log. */
  | { type: 'ban'; source: SourceId; because: string }
  /** The origin source will not be asked again; its requests are cancelled beside this. */
  | { type: 'giveUp'; source: SourceId };
