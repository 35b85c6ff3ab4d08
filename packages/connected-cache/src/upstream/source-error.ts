import { isSluiceError, type SluiceError, sluiceError } from '@sluice/protocol';

const resets = new Set(['ECONNRESET', 'EPIPE']);

/** What went wrong while talking to source `host`, as an error of the catalogue. */
export function sourceError(error: unknown, host: string): SluiceError {
  if (isSluiceError(error)) return error;
  const detail = error instanceof Error ? error.message || codeOf(error) : String(error);
  const code = codeOf(error) === 'ETIMEDOUT' ? 'CacheSourceStalled' : 'CacheSourceFailed';
  return sluiceError(code, { host, detail }, { cause: error });
}

/** Whether the connection broke, as a kept-alive one does when the source closes it meanwhile. */
export function isReset(error: unknown): boolean {
  return resets.has(codeOf(error));
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
