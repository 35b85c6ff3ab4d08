import { joinRules } from './join-interval.ts';

/** Joins are counted for so long before anything is decided, ms. */
const windowMs = 10_000;
/** So many times the usual interval at the most: a device that is gone is told of for as long. */
const maxStretch = 4;
/** What one core answers with half of its time. */
const defaultJoinsPerSecond = 10_000;

/**
 * By how much intervals between joins are longer than usual: so that all joins together stay near what one process
 * can answer well. 1, 2 or 4: few values, as the expiry queue has one list for each.
 */
export class JoinPace {
  readonly #joinsPerSecond: number;
  #since = Number.NEGATIVE_INFINITY;
  #joins = 0;
  #stretch = 1;
  #changedAt = Number.NEGATIVE_INFINITY;

  /** @param joinsPerSecond more than so many make intervals longer */
  constructor(joinsPerSecond = defaultJoinsPerSecond) {
    this.#joinsPerSecond = joinsPerSecond;
  }

  /** Counts a join. @param now ms @returns what its interval is multiplied by */
  joined(now: number): number {
    if (now - this.#since >= windowMs) this.#decide(now);
    this.#joins++;
    return this.#stretch;
  }

  #decide(now: number): void {
    const perSecond = (1000 * this.#joins) / (now - this.#since);
    this.#since = now;
    this.#joins = 0;
    const next = this.#next(perSecond, now - this.#changedAt);
    if (next === this.#stretch) return;
    this.#stretch = next;
    this.#changedAt = now;
  }

  #next(perSecond: number, unchangedMs: number): number {
    if (perSecond > this.#joinsPerSecond) return Math.min(maxStretch, 2 * this.#stretch);
    // Twice as many come then. Only when all have heard of the interval that holds now.
    const isCalm = perSecond < this.#joinsPerSecond / 4;
    const isKnown = unchangedMs > this.#stretch * joinRules.usualInterval;
    return isCalm && isKnown ? Math.max(1, this.#stretch / 2) : this.#stretch;
  }
}
