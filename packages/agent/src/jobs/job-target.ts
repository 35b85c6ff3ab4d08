import { closeSync, constants, lstatSync, openSync, rmSync, writeSync } from 'node:fs';
import { diskError } from '../store/index.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_WRONLY } = constants;

/** Which file is a job's own, to be found again after a restart. */
export interface OwnFile {
  dev: number;
  ino: number;
  /** When it was made, ms; 0 where the file system does not say: the number of a deleted file is given to a new one. */
  birthtimeMs?: number | undefined;
}

/** What a target knows over restarts. */
export interface TargetMemory {
  Own?: OwnFile | undefined;
  /** Something stood there before the start. */
  Replaces?: boolean | undefined;
}

/**
 * The file that a job fills. What it did not make, it does not delete. Synchronous on purpose: who
 * starts a job is to hear at once that the file cannot be made, also while slow look-ups of names hold
 * all threads of the runtime.
 */
export class JobTarget {
  readonly path: string;
  readonly #exclusive: boolean;
  #own: OwnFile | undefined;
  #replaces: boolean;

  /** @param exclusive the file must not be there before. */
  constructor(path: string, exclusive: boolean, memory: TargetMemory = {}) {
    this.path = path;
    this.#exclusive = exclusive;
    this.#own = memory.Own;
    this.#replaces = memory.Replaces ?? false;
  }

  get memory(): TargetMemory {
    return { ...(this.#own && { Own: this.#own }), Replaces: this.#replaces };
  }

  /** At the first start. @throws TargetUnwritable, DiskFull with the system's error as its cause. */
  create(): void {
    if (!this.#exclusive) {
      this.#replaces = this.#stats() !== undefined;
      return;
    }
    this.#guarded(() => {
      closeSync(openSync(this.path, O_CREAT | O_EXCL | O_WRONLY, 0o664));
      this.#own = this.#stats();
    });
  }

  /** When the job goes on: the file must still be there. @throws as `create`. */
  reopen(): void {
    if (!this.#exclusive) return;
    this.#guarded(() => {
      const file = openSync(this.path, O_APPEND | O_WRONLY);
      try {
        writeSync(file, '');
      } finally {
        closeSync(file);
      }
    });
  }

  /** The file has been delivered: another one now than that which was made at the start. */
  delivered(): void {
    if (this.#exclusive || !this.#replaces) this.#own = this.#stats();
  }

  /** Deletes what is the job's own. @throws Disk errors. */
  remove(): void {
    const stats = this.#own && this.#stats();
    if (stats && this.#own && isSame(stats, this.#own)) {
      this.#guarded(() => rmSync(this.path, { force: true }));
    }
    this.#own = undefined;
  }

  #stats(): OwnFile | undefined {
    try {
      const { dev, ino, birthtimeMs } = lstatSync(this.path);
      return { dev, ino, birthtimeMs };
    } catch {
      // Gone, or out of reach: not to be deleted, then.
      return undefined;
    }
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw diskError(error, this.path, 'target');
    }
  }
}

/** @param own as it was remembered, by an earlier version without its time. */
function isSame(found: OwnFile, own: OwnFile): boolean {
  const { dev, ino, birthtimeMs = found.birthtimeMs } = own;
  return found.dev === dev && found.ino === ino && found.birthtimeMs === birthtimeMs;
}
