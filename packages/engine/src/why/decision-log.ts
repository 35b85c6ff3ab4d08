import { type PieceRun, type SourceClass, sourceClasses } from '@sluice/protocol';
import type { Reason } from '../events.ts';
import type { DecisionRecord, SourceName, Weighed } from './decision-record.ts';
import { Ring } from './ring.ts';

/** Requests are many, and each is much like the one before … */
const maxRequests = 1_000;
/** … what becomes of sources is rarer and tells more: the one must not drive out the other. */
const maxLife = 200;

/** What one class of source brought for one reason. */
export interface Tally {
  from: SourceClass;
  reason: Reason;
  /** Pieces asked for; more than came when requests were lost, hedged or are under way. */
  asked: number;
  /** Pieces that came and were not here before. */
  pieces: number;
  bytes: number;
}

const reasons = ['peer', 'responsible', 'takeOver', 'floor', 'hedge', 'stream'] as const;
const reasonIndex = Object.fromEntries(reasons.map((r, i) => [r, i])) as Record<Reason, number>;
const classIndex = Object.fromEntries(
  sourceClasses.map((c, i) => [c, i * reasons.length]),
) as Record<SourceClass, number>;

/**
 * The record of why: the last decisions, and exact sums of all. Fixed memory, O(1) per decision, so
 * that it can always be on.
 */
export class DecisionLog {
  readonly #requests: Ring<DecisionRecord>;
  readonly #life: Ring<DecisionRecord>;
  readonly #tallies: Tally[] = sourceClasses.flatMap((from) =>
    reasons.map((reason) => ({ from, reason, asked: 0, pieces: 0, bytes: 0 })),
  );

  /** @param keep of requests and of the life of sources, at most */
  constructor(keep = { requests: maxRequests, life: maxLife }) {
    this.#requests = new Ring(keep.requests);
    this.#life = new Ring(keep.life);
  }

  asked(
    at: number,
    source: SourceName,
    request: {
      reason: Reason;
      run: PieceRun;
      pieces: number;
      holders: number;
      weighed?: Weighed | undefined;
    },
  ): void {
    const { reason, run, pieces, holders, weighed } = request;
    this.#tally(source.from, reason).asked += pieces;
    const record: DecisionRecord = { at, type: 'asked', source, reason, run, pieces, holders };
    if (weighed) record.weighed = weighed;
    this.#requests.push(record);
  }

  /** Bytes that are new here came. @param pieces 0 when they were not fetched in pieces. */
  came(from: SourceClass, reason: Reason, pieces: number, bytes: number): void {
    const tally = this.#tally(from, reason);
    tally.pieces += pieces;
    tally.bytes += bytes;
  }

  /** Something happened to a source. */
  note(record: Exclude<DecisionRecord, { type: 'asked' }>): void {
    // Chokes come in turns, to and fro, from every peer.
    const isRoutine = record.type === 'choked' || record.type === 'unchoked';
    (isRoutine ? this.#requests : this.#life).push(record);
  }

  /** The sums of what there was any of. */
  tallies(): Tally[] {
    return this.#tallies.filter((t) => t.asked > 0 || t.bytes > 0).map((t) => ({ ...t }));
  }

  askedFor(reason: Reason): number {
    return sourceClasses.reduce((sum, from) => sum + this.#tally(from, reason).asked, 0);
  }

  /** The decisions still known, the oldest first. */
  records(): DecisionRecord[] {
    // Both are in order of time, and sorting is stable.
    return [...this.#life.items(), ...this.#requests.items()].sort((a, b) => a.at - b.at);
  }

  /** All decisions there were, those that are forgotten included. */
  get count(): number {
    return this.#requests.pushed + this.#life.pushed;
  }

  /** What was fetched so far counts for nothing: the content has changed. The decisions stay. */
  startAnew(): void {
    for (const tally of this.#tallies) Object.assign(tally, { asked: 0, pieces: 0, bytes: 0 });
  }

  /** Keeps only the last `count` requests, and as much of the life of sources: the download has ended. */
  trim(count: number): void {
    this.#requests.trim(count);
    this.#life.trim(count);
  }

  #tally(from: SourceClass, reason: Reason): Tally {
    return this.#tallies[classIndex[from] + reasonIndex[reason]]!;
  }
}
