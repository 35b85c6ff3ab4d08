import { RuleBook, type RuleBookEntry, type RuledOut } from '@sluice/engine';
import type { Finding } from './finding.ts';
import { wordsOf } from './wording.ts';

/** A source that fails over and over must not fill the memory. */
const maxNotes = 100;

/** All that a download found out: notes for people, and what it may not use. */
export class Findings {
  readonly #book = new RuleBook();
  readonly #notes: string[] = [];

  add(finding: Finding): void {
    const { note, ruledOut } = wordsOf(finding);
    const isNew = note !== undefined && !this.#notes.includes(note);
    if (isNew && this.#notes.length < maxNotes) this.#notes.push(note);
    if (ruledOut) this.refuse(ruledOut);
  }

  /** A rule, such as a gate, keeps the download from something. */
  refuse(ruledOut: RuledOut): void {
    this.#book.add(ruledOut);
  }

  /** Takes in what was found out before. */
  include(earlier: Findings): void {
    const notes = [...earlier.#notes, ...this.#notes];
    this.#notes.splice(0, this.#notes.length, ...new Set(notes.slice(0, maxNotes)));
    for (const { ruledOut } of earlier.ruledOut()) this.refuse(ruledOut);
  }

  notes(): string[] {
    return [...this.#notes];
  }

  ruledOut(): RuleBookEntry[] {
    return this.#book.entries();
  }
}
