import type { HttpFault } from '../source/http/http-fault.ts';

/** Kinds of faults that are told apart; a source that fails over and over must not fill the memory. */
const maxKinds = 32;

export interface CountedFault {
  /** The first of its kind. */
  fault: HttpFault;
  count: number;
}

/** What went wrong with HTTP source and cache hosts of one download: the same is told once. */
export class CdnFaults {
  readonly #kinds = new Map<string, CountedFault>();

  readonly onFault = (fault: HttpFault): void => {
    const { kind, label, error } = fault;
    const key = JSON.stringify([kind, label, error.code, error.params.status]);
    const known = this.#kinds.get(key);
    if (known) known.count++;
    else if (this.#kinds.size < maxKinds) this.#kinds.set(key, { fault, count: 1 });
  };

  entries(): CountedFault[] {
    return [...this.#kinds.values()];
  }
}
