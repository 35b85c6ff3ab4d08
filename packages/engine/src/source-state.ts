import type { PieceMap, PieceRun } from '@sluice/protocol';
import type { Fault, OriginKind, SourceId, SourceSpec } from './events.ts';
import { Goodput } from './goodput.ts';

/** Bad pieces after which a source is not asked again. */
export const maxBadPieces = 3;
/** Faults in a row, nothing good between them, after which an origin source is given up. */
const maxFaults = 8;
const firstBackoffMs = 250;
const maxBackoffMs = 30_000;

/** A peer's word that it fetches a run, and until when we believe it. */
export interface Claim {
  run: PieceRun;
  deadline: number;
}

interface Common {
  readonly id: SourceId;
  readonly goodput: Goodput;
  /** Requests under way, cancelled ones included until they end. */
  fetches: number;
  /** Pieces asked and not come. */
  pending: number;
  faults: number;
  bad: number;
  notBefore: number;
  dead: boolean;
  /** When bytes last came, or when it became busy. */
  heardAt: number;
}

export interface OriginState extends Common {
  readonly kind: OriginKind;
  readonly maxFetches: number;
  sequential: boolean;
}

export interface PeerState extends Common {
  readonly kind: 'peer';
  readonly spec: Extract<SourceSpec, { kind: 'peer' }>;
  readonly has: PieceMap;
  /** Pieces it has and we lack. */
  useful: number;
  choked: boolean;
  sharesWork: boolean;
  /** It let a claim or its turn pass: not counted on until it delivers again. */
  lagging: boolean;
  claims: Claim[];
  claimedRate: number;
  /** When it last claimed or got something. */
  activeAt: number;
}

export type SourceState = OriginState | PeerState;

export function sourceState(spec: SourceSpec, now: number): SourceState {
  const common: Common = {
    id: spec.id,
    goodput: new Goodput(),
    fetches: 0,
    pending: 0,
    faults: 0,
    bad: 0,
    notBefore: 0,
    dead: false,
    heardAt: now,
  };
  if (spec.kind !== 'peer') {
    return { ...common, kind: spec.kind, maxFetches: spec.maxFetches, sequential: false };
  }
  return {
    ...common,
    kind: 'peer',
    spec,
    has: spec.has.clone(),
    useful: 0,
    choked: true,
    sharesWork: spec.sharesWork,
    lagging: false,
    claims: [],
    claimedRate: 0,
    activeAt: now,
  };
}

export function isReady(source: SourceState, now: number): boolean {
  return !source.dead && source.notBefore <= now;
}

/**
 * Notes a fault: exponential back-off with full jitter, at least what the source asked for.
 * @param random a number in [0, 1)
 */
export function noteFault(source: SourceState, fault: Fault, now: number, random: number): void {
  source.faults++;
  const ceiling = Math.min(maxBackoffMs, firstBackoffMs * 2 ** source.faults);
  source.notBefore = now + Math.max(fault.retryAfterMs ?? 0, ceiling * (0.5 + random / 2));
  if (!fault.retryable || (source.kind !== 'peer' && source.faults >= maxFaults)) {
    source.dead = true;
  }
}
