import type { Clock } from '@sluice/protocol';
import { delay } from './delay.ts';

/**
 * Makes attempts in order, the next one when one before it failed or `staggerMs` milliseconds have
 * gone. The first success wins; the others are aborted, and have ended when this settles.
 * @throws AggregateError with what each attempt threw, in their order; the reason of `signal`.
 */
export async function firstToSucceed<T>(
  attempts: ReadonlyArray<(signal: AbortSignal) => Promise<T>>,
  staggerMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<T> {
  const over = new AbortController();
  const onAbort = () => over.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const errors: unknown[] = [];
  const running: Promise<void>[] = [];
  const won = Promise.withResolvers<void>();
  let result: { value: T } | undefined;
  try {
    for (const [i, attempt] of attempts.entries()) {
      if (result || over.signal.aborted) break;
      const ended = attempt(over.signal).then(
        (value) => {
          result ??= { value };
          won.resolve();
        },
        (error: unknown) => {
          errors[i] = error;
        },
      );
      running.push(ended);
      const enough = new AbortController();
      await Promise.race([won.promise, ended, delay(clock, staggerMs, enough.signal)]);
      enough.abort();
    }
    await Promise.race([won.promise, Promise.all(running)]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    over.abort();
    await Promise.all(running);
  }
  if (result) return result.value;
  signal.throwIfAborted();
  throw new AggregateError(errors);
}
