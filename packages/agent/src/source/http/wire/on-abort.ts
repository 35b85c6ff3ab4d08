import { SluiceError, sluiceError } from '@sluice/protocol';

/** The error a call ends with when its signal is aborted. */
export function cancelled(signal: AbortSignal): SluiceError {
  const reason: unknown = signal.reason;
  return reason instanceof SluiceError ? reason : sluiceError('Cancelled', {}, { cause: reason });
}

/** Calls `fn` once when `signal` is aborted, at once if it is already. @returns a function that undoes it. */
export function onAbort(signal: AbortSignal, fn: (error: SluiceError) => void): () => void {
  const listener = () => fn(cancelled(signal));
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}
