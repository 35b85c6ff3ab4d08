import type { Clock } from '@sluice/protocol';
import { delay } from './delay.ts';

/**
 * What `work` resolves to; undefined when it takes longer than `ms` milliseconds of the clock, or `signal` aborts.
 * @throws what `work` throws in time.
 */
export async function inTime<T>(
  clock: Clock,
  ms: number,
  work: Promise<T>,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const enough = new AbortController();
  const until = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
  const late = delay(clock, ms, until).then(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    enough.abort();
  }
}
