import type { RuledOut } from './ruled-out.ts';

/** Different refusals that are remembered; the others are counted. */
const maxEntries = 100;
/** Of those that the same thing happened to, so many are named. */
const maxSubjects = 5;

export interface RuleBookEntry {
  ruledOut: RuledOut;
  /** How often it was seen. */
  count: number;
  /** To whom it happened: the first few. */
  subjects: string[];
}

/** What was ruled out, the same told once. Fixed memory: peers may fail in any number. */
export class RuleBook {
  readonly #entries = new Map<string, RuleBookEntry>();
  #forgotten = 0;

  /** @param subject whom it is about, when it may happen to several, such as a peer. */
  add(ruledOut: RuledOut, subject?: string): void {
    const { rule, limit, actual, affects, peerClass = '' } = ruledOut;
    const key = JSON.stringify([rule, limit, actual, affects, peerClass]);
    const known = this.#entries.get(key);
    if (!known && this.#entries.size >= maxEntries) {
      this.#forgotten++;
      return;
    }
    const entry = known ?? { ruledOut, count: 0, subjects: [] };
    entry.count++;
    if (subject !== undefined && !entry.subjects.includes(subject)) {
      if (entry.subjects.length < maxSubjects) entry.subjects.push(subject);
    }
    this.#entries.set(key, entry);
  }

  /** In the order in which they were first seen. */
  entries(): RuleBookEntry[] {
    return [...this.#entries.values()].map((e) => ({ ...e, subjects: [...e.subjects] }));
  }

  /** Refusals beyond what is remembered. */
  get forgotten(): number {
    return this.#forgotten;
  }
}
