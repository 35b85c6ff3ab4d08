import { sluiceError } from '@sluice/protocol';

/** Counts what uses a resource, so that it is given back only when nothing does any more. */
export class Tasks {
  readonly #key: string;
  readonly #underWay = new Set<Promise<unknown>>();
  /** The end of the line. */
  #turn: Promise<unknown> = Promise.resolve();
  #refusing = false;

  /** @param key names the resource in StoreClosed. */
  constructor(key: string) {
    this.#key = key;
  }

  /** Starts `work` at once. @throws StoreClosed after `refuse` or `end`. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#refusing) throw sluiceError('StoreClosed', { key: this.#key });
    const task = work();
    this.#underWay.add(task);
    try {
      return await task;
    } finally {
      this.#underWay.delete(task);
    }
  }

  /** Starts `work` when all that was given in turn before has ended, well or not. */
  runInTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.run(() => {
      const task = this.#turn.then(() => {
        if (this.#refusing) throw sluiceError('StoreClosed', { key: this.#key });
        return work();
      });
      // Its failure is told to who gave it; the next in line only waits for the end.
      this.#turn = task.catch(() => undefined);
      return task;
    });
  }

  /** From now on nothing new starts, and what waits for its turn fails. */
  refuse(): void {
    this.#refusing = true;
  }

  /** Refuses, and waits for what is under way. */
  async end(): Promise<void> {
    this.refuse();
    while (this.#underWay.size > 0) await Promise.allSettled([...this.#underWay]);
  }
}
