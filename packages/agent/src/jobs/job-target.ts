import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs';
import {
  type Confinement,
  diskError,
  type FileIdentity,
  holdPlace,
  notOwn,
} from '../store/index.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;

/** What a target knows over restarts. */
export interface TargetMemory {
  /** Which file is the job's own, to be found again after a restart. */
  Own?: FileIdentity | undefined;
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
  /** Of a file for somebody with less rights than the agent. */
  readonly confinement: Confinement | undefined;
  #own: FileIdentity | undefined;
  #replaces: boolean;

  /**
   * @param exclusive the file must not be there before.
   * @param bounds for somebody with less rights than the agent.
   */
  constructor(
    path: string,
    exclusive: boolean,
    memory: TargetMemory = {},
    bounds?: Omit<Confinement, 'isOwn'>,
  ) {
    this.path = path;
    this.confinement = bounds && { ...bounds, isOwn: (file) => this.#isOwn(file) };
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
    this.#guarded((path) => {
      const file = openSync(path, O_CREAT | O_EXCL | O_WRONLY, 0o664);
      try {
        this.#own = identityOf(fstatSync(file));
      } finally {
        closeSync(file);
      }
    });
  }

  /** When the job goes on: the file must still be there. @throws as `create`. */
  reopen(): void {
    if (!this.#exclusive) return;
    this.#guarded((path) => {
      const isConfined = this.confinement !== undefined;
      // Before it is opened: a pipe would hold up the agent until somebody reads from it.
      if (isConfined && !this.#isOwn(lstatSync(path))) throw notOwn(this.path);
      const careful = isConfined ? (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0) : 0;
      const file = openSync(path, O_APPEND | O_WRONLY | careful);
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
    if (this.#own && this.#stats()) {
      this.#guarded((path) => {
        const stats = lstatSync(path, { throwIfNoEntry: false });
        if (stats && this.#isOwn(stats)) rmSync(path, { force: true });
      });
    }
    this.#own = undefined;
  }

  #isOwn(file: Stats): boolean {
    // A link, or a pipe, may have got the number of the file that was deleted.
    return file.isFile() && this.#own !== undefined && isSame(file, this.#own);
  }

  #stats(): FileIdentity | undefined {
    try {
      let found: FileIdentity | undefined;
      this.#guarded((path) => {
        found = identityOf(lstatSync(path));
      });
      return found;
    } catch {
      // Gone, or out of reach: not to be deleted, then.
      return undefined;
    }
  }

  #guarded(work: (path: string) => void): void {
    const place = this.confinement && holdPlace(this.path, this.confinement);
    try {
      work(place?.path ?? this.path);
    } catch (error) {
      throw diskError(error, this.path, 'target');
    } finally {
      place?.[Symbol.dispose]();
    }
  }
}

function identityOf({ dev, ino, birthtimeMs }: FileIdentity): FileIdentity {
  return { dev, ino, birthtimeMs };
}

/** @param own as it was remembered, by an earlier version without its time. */
function isSame(found: FileIdentity, own: FileIdentity): boolean {
  const { dev, ino, birthtimeMs = found.birthtimeMs } = own;
  return found.dev === dev && found.ino === ino && found.birthtimeMs === birthtimeMs;
}
