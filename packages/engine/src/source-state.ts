import type { PieceRun } from '@sluice/protocol';
import { claimWalks } from './claim-credit.ts';
import type { Fault, FetchId, OriginKind, SourceId, SourceSpec } from './events.ts';
import { Goodput } from './goodput.ts';
import { Held } from './peer-rows.ts';
import type { TokenBucket } from './rate/token-bucket.ts';
import type { SourceName } from './why/decision-record.ts';

/** Bad pieces after which a source is not asked again. */
export const maxBadPieces = 3;
/** Faults in a row, nothing good between them, after which an origin source is given up. */
const maxFaults = 8;
/** It owes pieces and sends nothing. */
export const silent: Fault = { retryable: true, code: 'silent' };
const firstBackoffMs = 250;
const maxBackoffMs = 30_000;

/** A peer's word that it fetches a run. */
export interface Claim {
  run: PieceRun;
  /** When it was made, or last brought a piece. */
  since: number;
  /** Whether it has brought any. */
  brought: boolean;
  /** Pieces of it that the peer has not. */
  lacks: number;
  /** Up to there, the piece not included, the claim is believed, or others claimed before. */
  next: number;
}

class Common {
  readonly id: SourceId;
  readonly name: SourceName;
  readonly goodput = new Goodput();
  /** Pieces it was asked for in all, … */
  asked = 0;
  /** … and what it brought that was not here before. */
  pieces = 0;
  bytes = 0;
  /** Requests under way, cancelled ones included until they end. */
  fetches = 0;
  /** Pieces asked and not come. */
  pending = 0;
  faults = 0;
  /** When it last failed. */
  faultAt = Number.NEGATIVE_INFINITY;
  bad = 0;
  notBefore = 0;
  dead = false;
  /** When bytes last came, or when it became busy. */
  heardAt: number;
  /** Bytes of no whole piece yet: of the one that a peer sends, of all that an origin was asked for. */
  headBytes = 0;

  constructor(spec: SourceSpec, now: number) {
    this.id = spec.id;
    this.name = nameOf(spec);
    this.heardAt = now;
  }

  get sums() {
    const { asked, pieces, bytes } = this;
    return { asked, pieces, bytes };
  }
}

export class OriginState extends Common {
  readonly kind: OriginKind;
  readonly maxFetches: number;
  sequential = false;
  /** When a request last ended. */
  endedAt: number;

  constructor(spec: Extract<SourceSpec, { kind: OriginKind }>, now: number) {
    super(spec, now);
    this.kind = spec.kind;
    this.maxFetches = spec.maxFetches;
    this.endedAt = now;
  }
}

type PeerSpec = Extract<SourceSpec, { kind: 'peer' }>;

export class PeerState extends Common {
  readonly kind = 'peer';
  readonly spec: PeerSpec;
  readonly has: Held;
  /** As its spec says: asked with every request. */
  readonly sameSite: boolean;
  choked = true;
  /** When it last choked or unchoked us, or first had something for us. */
  chokeAt: number;
  /** Pieces that it may have queued for us, and when that was computed. */
  pipeline = 2;
  pipelineAt = Number.NEGATIVE_INFINITY;
  /** A request from before a choke: it may be on its way, or may have been dropped. */
  doubted: { fetch: FetchId; since: number } | undefined = undefined;
  sharesWork: boolean;
  handicap: number;
  /** It let its work lie: not counted on until it delivers again. */
  lagging = false;
  lapses = 0;
  /** After a lapse it is not believed again before this. */
  trustAt = 0;
  claims: Claim[] = [];
  /** Pieces that its claims may still have us walk over. */
  readonly walks: TokenBucket;
  claimedPieces = 0;
  /** It claims more than it is believed, so far. */
  overclaims = false;
  claimedRate = 0;
  /** Pieces it brought over the thin link, as far as we can tell. */
  delivered = 0;
  /** The same as a rate, while it has work to do. */
  readonly bringing = new Goodput();
  /** Whether it has ever claimed anything. */
  hasClaimed = false;
  /** When it last brought one, or had nothing to do. */
  progressAt: number;

  constructor(spec: PeerSpec, now: number) {
    super(spec, now);
    this.spec = spec;
    this.sameSite = spec.sameSite;
    this.has = new Held(spec.has);
    this.walks = claimWalks(spec.has.length, now);
    this.chokeAt = now;
    this.sharesWork = spec.sharesWork;
    this.handicap = spec.handicap ?? 0;
    this.progressAt = now;
  }
}

export type SourceState = OriginState | PeerState;

export function sourceState(spec: SourceSpec, now: number): SourceState {
  return spec.kind === 'peer' ? new PeerState(spec, now) : new OriginState(spec, now);
}

function nameOf(spec: SourceSpec): SourceName {
  const { id, kind } = spec;
  if (kind !== 'peer') return { id, label: spec.label ?? kind, from: kind };
  const { peerId, sameSite, label = peerId, peerClass } = spec;
  return { id, label, from: peerClass ?? (sameSite ? 'Lan' : 'Internet') };
}

export function isReady(source: SourceState, now: number): boolean {
  return !source.dead && source.notBefore <= now;
}

/** It has failed and never brought anything. */
export function isDoubtful({ faults, goodput }: SourceState): boolean {
  return faults > 0 && !goodput.measured;
}

/** An origin that was never heard and sends nothing for so long is not counted on, ms. */
export const muteMs = { alone: 300, foreground: 250, background: 4_000 };

/** While others do its work it may take longer before it is asked no more, ms. */
export const lateMs = { alone: 1_000, foreground: 250, background: 4_000 };

/** Whether the origin was asked and has not sent a byte, ever: it may be a host that takes connections only. */
export function isMute(source: SourceState, patienceMs: number, now: number): boolean {
  if (source.kind === 'peer' || source.goodput.measured || source.pending === 0) return false;
  return now - source.heardAt > patienceMs;
}

/**
 * Notes a fault: exponential back-off with full jitter, on top of what the source asked for: others were
 * told the same, and should not all come back together.
 * @param random a number in [0, 1)
 */
export function noteFault(source: SourceState, fault: Fault, now: number, random: number): void {
  source.faults++;
  source.faultAt = now;
  const ceiling = Math.min(maxBackoffMs, firstBackoffMs * 2 ** source.faults);
  source.notBefore = now + (fault.retryAfterMs ?? 0) + ceiling * random;
  if (!fault.retryable || (source.kind !== 'peer' && source.faults >= maxFaults)) {
    source.dead = true;
  }
}
