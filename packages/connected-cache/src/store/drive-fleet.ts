import type { Clock } from '@sluice/protocol';
import type { WallTime } from '../clock.ts';
import type { ContentClass } from './content-classes.ts';
import { Drive, type DriveDeps } from './drive.ts';
import { type DriveIssue, DriveIssues, errnoOf, issueTypeOf } from './drive-issue.ts';
import type { SpaceLimits } from './eviction/drive-space.ts';
import type { Segment } from './segment.ts';
import type { StoreFiles } from './store-files.ts';
import type { StoredObject } from './stored-object.ts';

export interface DriveOptions {
  /** Made when absent. */
  folder: string;
  /** The most bytes of objects on it. */
  maxBytes: number;
}

export interface FleetOptions {
  drives: readonly DriveOptions[];
  classes: readonly ContentClass[];
  /** The most data files, over all drives. */
  maxFiles: number;
  /** Bytes that are evicted at once come in steps of these. */
  pieceSize: number;
  files: StoreFiles;
  clock: Clock;
  wallTime: WallTime;
  /** A drive has been opened, at the start or again. */
  opened: (drive: Drive, objects: Iterable<StoredObject>, proved: Set<Segment>) => void;
  /** A drive has failed; nothing on it can be used. */
  lost: (drive: Drive) => void;
  /** Room on a drive has become less. */
  shrunk: (drive: Drive) => void;
  /** For the log. */
  told: (text: string, facts: object) => void;
  failed: (error: unknown) => void;
}

/** For how long a full drive gets nothing new, and until a failed one is tried again at first, ms. */
const restMs = 30_000;
const longestRestMs = 300_000;
/** Reads that fail this often in a minute are the drive's fault, not that of one place on it. */
const maxReadErrors = 16;
const readErrorMs = 60_000;
/** DriveTooSmall ends when there is room. */
const whatRetryCures = ['DriveNotFound', 'DrivePermission', 'DriveInputOutputError'] as const;
/** Above high water so much is evicted at once. */
const batchShare = 0.02;

/** All drives: where something new goes, which has failed, and when it is tried again. */
export class DriveFleet {
  readonly drives: readonly Drive[];
  readonly issues: DriveIssues;
  readonly #options: FleetOptions;
  readonly #settling = new Set<Promise<void>>();
  readonly #readErrors = new Map<Drive, number[]>();
  readonly #retries = new Map<Drive, () => void>();
  readonly #background = new Set<Promise<void>>();
  #closed = false;

  constructor(options: FleetOptions) {
    const { drives, files, wallTime } = options;
    this.#options = options;
    this.issues = new DriveIssues(wallTime, (issue) => this.#tell(issue));
    const total = drives.reduce((sum, { maxBytes }) => sum + maxBytes, 0);
    this.drives = drives.map(({ folder, maxBytes }) => {
      const limits = limitsOf(options, maxBytes, maxBytes / total);
      const deps: DriveDeps = {
        files,
        wallTime,
        issues: this.issues,
        limits,
        failed: (error, drive) => this.failed(drive, error),
      };
      return new Drive(folder, maxBytes, deps);
    });
  }

  /** Opens all; those that fail are put aside. @throws what the last one threw when no drive is left */
  async open(): Promise<void> {
    let last: unknown;
    for (const drive of this.drives) {
      await this.#open(drive).catch((error) => {
        last = error;
        this.#report(drive, error);
      });
    }
    if (!this.drives.some(({ ready }) => ready)) throw last;
    for (const drive of this.drives) if (!drive.ready) this.#retryLater(drive, restMs);
  }

  /** Whether any drive takes new objects. */
  get takes(): boolean {
    return this.drives.some((drive) => drive.takes);
  }

  /**
   * The drive for a new object: the one with the most room; when all are full each gets its share, and
   * the same object the same drive, which may remember it. Undefined when none takes anything.
   */
  place(urlHash: number): Drive | undefined {
    const drives = this.drives.filter((drive) => drive.takes);
    const roomy = drives.filter(({ room, space }) => room > 2 * space.limits.batch);
    if (roomy.length > 0) return roomy.reduce((a, b) => (b.room > a.room ? b : a));
    return drives
      .map((drive, i) => ({ drive, rank: -drive.maxBytes / Math.log(unit(urlHash, i)) }))
      .sort((a, b) => b.rank - a.rank)[0]?.drive;
  }

  /** A change of the drive has failed: it makes room when it is full; else it can only be read for a while. */
  failed(drive: Drive, error: unknown): void {
    this.#options.failed(error);
    if (!drive.ready || drive.resting || this.#closed) return;
    drive.resting = true;
    this.#report(drive, error);
    const full = issueTypeOf(error) === 'DriveTooSmall';
    this.#settle(full ? this.#relieve(drive) : this.#check(drive));
    this.#retryLater(drive, restMs);
  }

  /** A read failed. One bad place is no reason to give up a drive; many are, or that it is gone. */
  readFailed(drive: Drive, error: unknown): void {
    this.#options.failed(error);
    const now = this.#options.wallTime();
    const recent = (this.#readErrors.get(drive) ?? []).filter((at) => now - at < readErrorMs);
    if (errnoOf(error) !== undefined) recent.push(now);
    this.#readErrors.set(drive, recent);
    if (recent.length >= maxReadErrors) this.#putAside(drive, error);
    else if (errnoOf(error) === 'EIO') {
      this.issues.begin(drive.folder, 'DriveInputOutputError', messageOf(error));
    } else this.#watch(this.#check(drive));
  }

  /** Resolves when it is known what becomes of the drives that have failed just now. */
  async settled(): Promise<void> {
    await Promise.all(this.#settling);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#retries.values()) cancel();
    await Promise.all(this.#background);
    await Promise.all(this.drives.map((drive) => (drive.ready ? drive.close() : undefined)));
  }

  async #open(drive: Drive): Promise<void> {
    const { objects, proved, emptied } = await drive.open();
    const { opened, told, shrunk } = this.#options;
    if (emptied) told('a cache of an older version was emptied', { drive: drive.folder });
    opened(drive, objects, proved);
    await drive.measure();
    shrunk(drive);
    this.#watch(drive.removeStrays());
  }

  /** Makes room on a drive that is fuller than we thought. */
  async #relieve(drive: Drive): Promise<void> {
    const { shrunk, pieceSize } = this.#options;
    const { limits, weight } = drive.space;
    limits.high = Math.max(0, weight - Math.max(limits.batch, 16 * pieceSize));
    shrunk(drive);
    await drive.removed();
    await drive.measure();
    shrunk(drive);
    await drive.removed();
    if (drive.room > 2 * pieceSize) await drive.wake();
  }

  /** Nothing on the drive can be used any more. */
  #putAside(drive: Drive, error: unknown): void {
    if (!drive.ready) return;
    this.#report(drive, error);
    drive.ready = false;
    this.#options.lost(drive);
    this.#watch(drive.abandon());
    this.#retryLater(drive, restMs);
  }

  #retryLater(drive: Drive, ms: number): void {
    if (this.#closed || this.#retries.has(drive)) return;
    const cancel = this.#options.clock.setTimer(ms, () => {
      this.#retries.delete(drive);
      const again = (error: unknown) => {
        this.#report(drive, error);
        this.#retryLater(drive, Math.min(longestRestMs, 2 * ms));
      };
      this.#watch(this.#retry(drive).catch(again));
    });
    this.#retries.set(drive, cancel);
  }

  async #retry(drive: Drive): Promise<void> {
    if (!drive.ready) await this.#open(drive);
    else if (drive.resting) {
      // Else what is written now would make the empty place where a drive was mounted one of ours.
      await this.#check(drive);
      if (!drive.ready) return;
      await drive.wake();
      await drive.measure();
    }
    this.#readErrors.delete(drive);
    for (const type of whatRetryCures) this.issues.end(drive.folder, type);
  }

  /** Puts a drive aside whose folder is no longer there. */
  async #check(drive: Drive): Promise<void> {
    const gone = await drive.isThere().then(
      (there) => (there ? undefined : Object.assign(new Error('it is gone'), { code: 'ENOENT' })),
      (error: unknown) => error,
    );
    if (gone !== undefined) this.#putAside(drive, gone);
  }

  #report(drive: Drive, error: unknown): void {
    this.issues.begin(drive.folder, issueTypeOf(error), messageOf(error));
  }

  #tell({ type, drive, endedAt, detail }: DriveIssue): void {
    const text = endedAt === undefined ? `${type}: ${detail}` : `${type} is over`;
    this.#options.told(text, { drive });
  }

  #settle(work: Promise<void>): void {
    const settling = work.catch(this.#options.failed).finally(() => {
      this.#settling.delete(settling);
    });
    this.#settling.add(settling);
    this.#watch(settling);
  }

  #watch(work: Promise<void>): void {
    const watched = work.catch(this.#options.failed).finally(() => {
      this.#background.delete(watched);
    });
    this.#background.add(watched);
  }
}

function limitsOf(options: FleetOptions, maxBytes: number, share: number): SpaceLimits {
  const { classes, maxFiles, pieceSize } = options;
  const quotas = new Map<string, number>();
  for (const { name, maxBytes: quota } of classes) {
    if (quota !== undefined) quotas.set(name, quota * share);
  }
  return {
    high: maxBytes,
    // Whole pieces: in a small cache one goes for one.
    batch: Math.floor((maxBytes * batchShare) / pieceSize) * pieceSize,
    maxItems: Math.ceil(maxFiles * share),
    quotas,
  };
}

/** A number in (0, 1) that depends on both. */
function unit(hash: number, i: number): number {
  let x = Math.imul(hash ^ Math.imul(i + 1, 0x9e3779b1), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (((x ^ (x >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
