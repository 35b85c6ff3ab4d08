import { maxHandicap } from '@sluice/protocol';
import type { Action } from './events.ts';
import type { PieceTable } from './piece-table.ts';
import { self } from './responsibility.ts';

/** Rates are compared so often, ms: they are measured over seconds. */
const everyMs = 2_000;
/** Of fewer pieces none is given away: whoever is idle in the end takes over what is left. */
const minPieces = 4;
/** A rate must be off by so many halvings, twice in a row: rates on a shared line waver. */
const hysteresis = 1;

/**
 * How large a share of the work this device takes: it halves its own for each time that the fastest device
 * of the site is twice as fast. Where all are alike, nobody does anything.
 *
 * Two devices must never both think that a piece is theirs. So nobody counts on more of this device than it
 * counts itself: a smaller share holds at once and is told then, a larger one is told first and holds when
 * all have answered. The answers come behind the claims of what the others began before they heard of it.
 */
export class OwnShare {
  readonly #table: PieceTable;
  readonly #act: (action: Action) => void;
  /** As it was told last. */
  #handicap = 0;
  /** By which this device goes: the largest that somebody may still count on. */
  #held = 0;
  #seen: number | undefined;
  #lookedAt = 0;

  constructor(table: PieceTable, act: (action: Action) => void) {
    this.#table = table;
    this.#act = act;
  }

  /**
   * @param own what this device brings from outside, bytes/s; 0 if unknown or idle.
   * @param others the same of the other devices of the site, as far as known.
   */
  look(now: number, own: (now: number) => number, others: () => number[]): void {
    const { isAlone, isCrowded } = this.#table.responsibility;
    if (isAlone || isCrowded || now - this.#lookedAt < everyMs) return;
    this.#lookedAt = now;
    const rate = own(now);
    const known = rate > 0 ? others() : [];
    if (known.length === 0) return;
    const halvings = Math.log2(Math.max(rate, ...known) / rate);
    const isOff = Math.abs(halvings - this.#handicap) >= hysteresis;
    const wanted = isOff ? Math.min(maxHandicap, Math.round(halvings)) : this.#handicap;
    const isSure = wanted === this.#seen;
    this.#seen = wanted;
    if (!isSure || wanted === this.#handicap) return;
    if (wanted < this.#handicap || this.#table.own.count >= minPieces) this.#set(wanted);
  }

  /** All others know it. */
  known(handicap: number): void {
    if (handicap === this.#handicap) this.#hold(handicap);
  }

  #set(handicap: number): void {
    this.#handicap = handicap;
    // Compared with what holds: what was told last may be a larger share that not all have heard of.
    if (handicap > this.#held) this.#hold(handicap);
    this.#act({ type: 'handicap', handicap });
  }

  #hold(handicap: number): void {
    this.#held = handicap;
    this.#table.reclassifyGroups(this.#table.responsibility.setHandicap(self, handicap));
  }
}
