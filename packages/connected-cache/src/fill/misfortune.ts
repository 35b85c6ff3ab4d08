import { type Clock, isSluiceError } from '@sluice/protocol';
import { isDiskError } from '../store/disk-error.ts';
import type { SourcePace } from '../upstream/source-pace.ts';
import type { Fill } from './fill.ts';

/** Before it is tried again after a failure, ms; after the last one it is given up. */
const pausesMs = [0, 250, 1000];
/** A source that wants to be left alone for longer is not waited for, ms. */
const maxWaitMs = 10_000;

/** What goes wrong with the fills of one object, and what follows: another attempt, or giving up. */
export class Misfortune {
  readonly #clock: Clock;
  readonly #again: () => void;
  #failures = 0;
  #error: unknown;
  #cancel: (() => void) | undefined;

  /** @param again begins anew when a pause is over */
  constructor(clock: Clock, again: () => void) {
    this.#clock = clock;
    this.#again = again;
  }

  /** Why it has been given up. */
  get error(): unknown {
    return this.#error;
  }

  /** Nothing is to be begun now. */
  get holdsBack(): boolean {
    return this.#error !== undefined || this.#cancel !== undefined;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Somebody new asks: a new attempt. */
  forget(): void {
    this.#failures = 0;
    this.#error = undefined;
  }

  /** @param others whether other fills of the object still run */
  failed(fill: Fill, pace: SourcePace, others: boolean): void {
    const { error } = fill;
    const wait = retryAfterMs(error);
    if (isTooMuch(error)) {
      pace.refused(wait);
      // The others go on: that it was one too many is all that this says.
      if (others) return;
    }
    if (fill.received > 0) this.#failures = 0;
    const pause = Math.max(wait ?? 0, pausesMs[this.#failures++] ?? Number.POSITIVE_INFINITY);
    if (!isPassing(error) || pause > maxWaitMs) this.final(error);
    if (this.#error !== undefined || pause === 0) return;
    this.#cancel?.();
    this.#cancel = this.#clock.setTimer(pause, () => {
      this.#cancel = undefined;
      this.#again();
    });
  }

  /** There is no use in going on. */
  final(error: unknown): void {
    this.#error = error;
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

function isTooMuch(error: unknown): boolean {
  return (
    isSluiceError(error, 'CacheSourceRefused') &&
    (error.params.status === 429 || error.params.status === 503)
  );
}

/** Whether it may go well the next time. */
function isPassing(error: unknown): boolean {
  if (isDiskError(error)) return false;
  if (isSluiceError(error, 'CacheSourceRefused')) {
    return isTooMuch(error) || Number(error.params.status) >= 500;
  }
  return (
    isSluiceError(error, 'CacheSourceFailed') ||
    isSluiceError(error, 'CacheSourceStalled') ||
    isSluiceError(error, 'CacheSourceInvalid')
  );
}

/** What `Retry-After` of a refusal says in seconds, as ms; a date is taken for a long time. */
function retryAfterMs(error: unknown): number | undefined {
  if (!isSluiceError(error, 'CacheSourceRefused')) return undefined;
  const { retryAfter } = error.params;
  if (typeof retryAfter !== 'string') return undefined;
  return /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1000 : maxWaitMs + 1;
}
