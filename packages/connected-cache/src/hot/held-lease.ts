import type { ByteRange } from '@sluice/protocol';
import type { Grant, Run } from './grant.ts';
import type { LeaseTable } from './lease-table.ts';

/** How exactly it is known what of a file is in memory: by blocks of so many bytes, for so long, ms. */
const blockBytes = 1024 * 1024;
const warmForMs = 1000;

/** A lease as one thread holds it. */
export class HeldLease {
  readonly grant: Grant;
  readonly #runs: Map<number, Run>;
  readonly #table: LeaseTable;
  readonly #thread: number;
  /** Until when blocks of the object are taken to be in memory, by the node's clock. */
  readonly #warm = new Map<number, number>();

  constructor(grant: Grant, table: LeaseTable, thread: number) {
    this.grant = grant;
    this.#runs = new Map(grant.runs);
    this.#table = table;
    this.#thread = thread;
  }

  /** Takes up what a later grant of the same lease has. @returns false when it is of another one */
  merge({ slot, word, runs }: Grant): boolean {
    if (slot !== this.grant.slot || word !== this.grant.word) return false;
    for (const [index, run] of runs) this.#runs.set(index, run);
    return true;
  }

  isFresh(wallMs: number): boolean {
    const { freshFrom, freshUntil } = this.grant;
    return wallMs >= freshFrom && wallMs < freshUntil;
  }

  covers({ start, end }: ByteRange): boolean {
    for (let at = start; at < end; ) {
      const run = this.runAt(at);
      if (!run) return false;
      at = run.end;
    }
    return true;
  }

  runAt(offset: number): Run | undefined {
    const run = this.#runs.get(Math.floor(offset / this.grant.fileBytes));
    return run && offset >= run.start && offset < run.end ? run : undefined;
  }

  /** Begins to use it; `release` ends that. @returns false when it is over */
  acquire(): boolean {
    return this.#table.acquire(this.#thread, this.grant.slot, this.grant.word);
  }

  release(): void {
    this.#table.release(this.#thread, this.grant.slot);
  }

  get isGone(): boolean {
    return this.#table.isGone(this.grant.slot);
  }

  /**
   * Whether bytes can be sent without waiting for the disk. To ask the system for each small range would
   * cost a tenth of its answer.
   */
  isWarm(start: number, end: number, now: number, look: () => boolean): boolean {
    if (this.#isNotedWarm(start, end, now)) return true;
    if (!look()) return false;
    this.#noteWarm(start, end, now);
    return true;
  }

  #isNotedWarm(start: number, end: number, now: number): boolean {
    const last = Math.floor((end - 1) / blockBytes);
    for (let i = Math.floor(start / blockBytes); i <= last; i++) {
      if (!((this.#warm.get(i) ?? 0) > now)) return false;
    }
    return true;
  }

  #noteWarm(start: number, end: number, now: number): void {
    if (this.#warm.size > 4096) this.#warm.clear();
    const last = Math.floor((end - 1) / blockBytes);
    for (let i = Math.floor(start / blockBytes); i <= last; i++) this.#warm.set(i, now + warmForMs);
  }
}
