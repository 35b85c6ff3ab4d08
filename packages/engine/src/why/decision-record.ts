import type { PieceRun, SourceClass } from '@sluice/protocol';
import type { Reason, SourceId } from '../events.ts';

/** A source as people know it. */
export interface SourceName {
  readonly id: SourceId;
  /** URL or address. */
  readonly label: string;
  /** How its bytes are counted. */
  readonly from: SourceClass;
}

/** What a request was weighed against. */
export interface Weighed {
  /** What the chosen source should take for it, ms; 0 unknown. */
  ownMs: number;
  /** When it would have come without the request, ms; Infinity: not at all. */
  otherMs: number;
}

interface Common {
  /** On the caller's clock, ms. */
  at: number;
  source: SourceName;
}

/** One decision, or one event in the life of a source that decisions follow from. */
export type DecisionRecord =
  | (Common & {
      type: 'asked';
      reason: Reason;
      run: PieceRun;
      /** Of the run, those that were asked for: the others are here or on their way. */
      pieces: number;
      /** Connected peers that had its first piece. */
      holders: number;
      weighed?: Weighed;
    })
  | (Common & { type: 'added' | 'choked' | 'unchoked' | 'sequential' })
  | (Common & { type: 'gone'; asked: number; pieces: number; bytes: number })
  /** Left alone until then. `because`: a code of the catalogue, or what the engine saw itself. */
  | (Common & { type: 'backedOff'; because: string; until: number })
  /** Not asked again: a peer is banned, an origin given up. */
  | (Common & { type: 'banned' | 'givenUp'; because: string })
  /** HTTP and cache may not be used (start grace, delay policies), or may be again. */
  | { at: number; type: 'originHeld' | 'originFreed' }
  /** Somebody waits for the download from now on, or nobody does any more. */
  | { at: number; type: 'toForeground' | 'toBackground' };
