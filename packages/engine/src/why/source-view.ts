import type { SourceState } from '../source-state.ts';
import type { SourceName } from './decision-record.ts';

/** A source as it is now. */
export interface SourceView extends SourceName {
  /** `resting`: left alone after a fault; `dead`: not asked again; `gone`: not there any more. */
  state: 'ready' | 'choked' | 'resting' | 'dead' | 'gone';
  /** Pieces it was asked for in all, … */
  asked: number;
  /** … and what it brought that was not here before. */
  pieces: number;
  bytes: number;
  /** Pieces that it has been asked for and has not brought. */
  pending: number;
  /** Measured bytes/s, 0 while unknown. */
  rate: number;
}

export function viewOf(s: SourceState, now: number): SourceView {
  const { sums, pending } = s;
  return { ...s.name, ...sums, state: stateOf(s, now), pending, rate: s.goodput.rate(now) };
}

function stateOf(s: SourceState, now: number): SourceView['state'] {
  if (s.dead) return 'dead';
  if (s.notBefore > now) return 'resting';
  return s.kind === 'peer' && s.choked ? 'choked' : 'ready';
}
