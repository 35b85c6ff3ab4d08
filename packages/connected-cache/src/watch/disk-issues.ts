import type { Clock } from '@sluice/protocol';
import { isDiskError } from '../store/disk-error.ts';
import { type Issues, issueTypeOf, type MccIssueType } from './issues.ts';

/** A disk that has not failed for so long is well again, ms. */
const quietMs = 300_000;

/** Makes issues of failed file operations. */
export class DiskIssues {
  readonly #issues: Issues;
  readonly #clock: Clock;
  readonly #ends = new Map<MccIssueType, () => void>();

  constructor(issues: Issues, clock: Clock) {
    this.#issues = issues;
    this.#clock = clock;
  }

  /** @param drive the folder. Errors that are not of the disk are none of its business. */
  failed(error: unknown, drive: string): void {
    const errno = error instanceof Error && 'code' in error && typeof error.code === 'string';
    if (!isDiskError(error) && !errno) return;
    const type = issueTypeOf(error);
    this.#issues.begin(type, drive, error instanceof Error ? error.message : String(error));
    this.#ends.get(type)?.();
    const end = () => this.#issues.end(type, drive);
    this.#ends.set(type, this.#clock.setTimer(quietMs, end));
  }

  close(): void {
    for (const cancel of this.#ends.values()) cancel();
  }
}
