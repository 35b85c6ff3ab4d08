import { isSluiceError, type SluiceError, sluiceError, toSluiceError } from '@sluice/protocol';

/** The `code` of a system error (`ENOSPC`); undefined for others, Node's own `ERR_…` among them. */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && !code.startsWith('ERR_') ? code : undefined;
}

/**
 * What a failed file operation means to the user.
 * @param place where in the store (DiskUnwritable) or that of the user's file (TargetUnwritable).
 */
export function diskError(
  error: unknown,
  path: string,
  place: 'store' | 'target' = 'store',
): SluiceError {
  if (isSluiceError(error)) return error;
  const detail = error instanceof Error ? error.message : String(error);
  const params = { path, detail };
  switch (errnoOf(error)) {
    case 'ENOSPC':
      return sluiceError('DiskFull', params, { cause: error });
    case 'EDQUOT':
      return sluiceError('DiskFull', { path, detail: 'the quota is used up' }, { cause: error });
    case 'EFBIG':
      return sluiceError(
        'DiskFull',
        { path, detail: 'its file system holds no file of this size' },
        { cause: error },
      );
    case 'EIO':
    case 'ENXIO':
    case 'ENODEV':
    case 'ESTALE':
      return sluiceError('DiskFailed', params, { cause: error });
    case undefined:
      return toSluiceError(error);
    default:
      return sluiceError(place === 'target' ? 'TargetUnwritable' : 'DiskUnwritable', params, {
        cause: error,
      });
  }
}
