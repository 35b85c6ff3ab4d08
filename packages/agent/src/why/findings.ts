import { RuleBook, type RuleBookEntry, type RuledOut } from '@sluice/engine';
import type { SluiceError } from '@sluice/protocol';
import type { Finding } from './finding.ts';
import { wordsOf } from './wording.ts';

/** A source that fails over and over must not fill the memory. */
const maxNotes = 100;

/** All that a download found out: notes for people, and what it may not use. */
export class Findings {
  readonly #book = new RuleBook();
  readonly #notes: string[] = [];
  readonly #cacheFaults: SluiceError[] = [];

  add(finding: Finding): void {
    const { note, ruledOut } = wordsOf(finding);
    const isNew = note !== undefined && !this.#notes.includes(note);
    if (isNew && this.#notes.length < maxNotes) this.#notes.push(note);
    if (ruledOut) this.refuse(ruledOut);
    const fault = cacheFaultOf(finding);
    if (fault && this.#cacheFaults.length < maxNotes) this.#cacheFaults.push(fault);
  }

  /** Why cache hosts were not used, or not any more. */
  cacheFaults(): readonly SluiceError[] {
    return this.#cacheFaults;
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

function cacheFaultOf(finding: Finding): SluiceError | undefined {
  if (finding.what === 'gaveUp' && finding.kind === 'cache') return finding.error;
  if (finding.what !== 'cacheHostUnused') return undefined;
  return typeof finding.because === 'string' ? undefined : finding.because;
}
