import type { Clock } from '@sluice/protocol';
import type { Issues } from './issues.ts';

/** How busy each worker has been since it was asked last, 0 to 1. */
export type Loads = () => readonly number[];

/** How long all must be busy, and how busy, before that is worth an issue; and when it is over. */
const everyMs = 60_000;
const busy = 0.95;
const eased = 0.8;
const subject = 'workers';

/** Raises WorkerCountTooFew while all workers are busy and the machine has cores that none of them uses. */
export class LoadWatch {
  readonly #clock: Clock;
  readonly #issues: Issues;
  readonly #loads: Loads;
  readonly #cores: number;
  #cancel: () => void = () => {};

  constructor(clock: Clock, issues: Issues, loads: Loads, cores: number) {
    this.#clock = clock;
    this.#issues = issues;
    this.#loads = loads;
    this.#cores = cores;
    // What came before says nothing.
    this.#loads();
    this.#wait();
  }

  close(): void {
    this.#cancel();
  }

  #wait(): void {
    this.#cancel = this.#clock.setTimer(everyMs, () => {
      this.#look();
      this.#wait();
    });
  }

  #look(): void {
    const loads = this.#loads();
    const least = Math.min(...loads);
    if (loads.length > 0 && loads.length < this.#cores && least > busy) {
      const detail = `all ${loads.length} were busy for a minute; the machine has ${this.#cores} cores`;
      this.#issues.begin('WorkerCountTooFew', subject, detail);
    } else if (least < eased) {
      this.#issues.end('WorkerCountTooFew', subject);
    }
  }
}
