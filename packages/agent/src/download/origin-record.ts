import type { SluiceError } from '@sluice/protocol';

/** A source that never worked is tried so often … */
const maxTries = 3;
/** … or for so long. The waits between are the scheduler's. */
const maxTryMs = 2_000;
/** Who never worked and says when to come back is waited for, if that is not longer than this. */
const maxAskedMs = 60_000;
/** Who has worked before and wants to be left alone for longer than this is not waited for. */
const maxWaitMs = 120_000;
/** Who has sent nothing for so long while it was asked is silent. */
const silentMs = 8_000;

/** How one source has fared in this transfer. */
export class OriginRecord {
  /** It has sent content. */
  worked = false;
  /** What went wrong last, unless something good came since. */
  lastError: SluiceError | undefined;
  /** Failures; those of requests made side by side are one. */
  #failures = 0;
  #triedAt: number | undefined;
  #heardAt = 0;

  get failed(): boolean {
    return this.#failures > 0;
  }

  /** A request begins. @returns its round, to be told when it fails. */
  begin(now: number): number {
    this.#triedAt ??= now;
    return this.#failures;
  }

  /** It sent something. */
  hear(now: number): void {
    this.worked = true;
    this.#heardAt = now;
  }

  /** Whether it let a request wait without a word to any. */
  wasSilent(since: number, now: number): boolean {
    return now - Math.max(since, this.#heardAt) >= silentMs;
  }

  fail(error: SluiceError, round: number): void {
    this.lastError = error;
    if (round === this.#failures) this.#failures++;
  }

  /**
   * Whether it has had its chances and used none.
   * @param askedMs how long it wants to be left alone.
   */
  isDud(now: number, askedMs: number): boolean {
    if (this.worked) return askedMs > maxWaitMs;
    if (!this.failed) return false;
    if (this.#failures >= maxTries || askedMs > maxAskedMs) return true;
    return askedMs === 0 && now - this.#triedAt! >= maxTryMs;
  }
}
