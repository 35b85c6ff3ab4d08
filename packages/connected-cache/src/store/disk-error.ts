import { isSluiceError, type SluiceError, sluiceError } from '@sluice/protocol';

/** A failed file operation in the cache folder, as an error of the catalogue. */
export function diskError(error: unknown, path: string): SluiceError {
  if (isSluiceError(error)) return error;
  const detail = error instanceof Error ? error.message : String(error);
  const errno = error instanceof Error && 'code' in error ? error.code : undefined;
  const code =
    errno === 'ENOSPC' || errno === 'EDQUOT'
      ? 'DiskFull'
      : errno === 'EACCES' || errno === 'EPERM' || errno === 'EROFS'
        ? 'DiskUnwritable'
        : 'DiskFailed';
  return sluiceError(code, { path, detail }, { cause: error });
}

/** Whether it is the cache folder that failed, so that a source can still serve. */
export function isDiskError(error: unknown): boolean {
  return (
    isSluiceError(error, 'DiskFull') ||
    isSluiceError(error, 'DiskUnwritable') ||
    isSluiceError(error, 'DiskFailed')
  );
}
