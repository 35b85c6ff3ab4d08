import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { sluiceError } from '@sluice/protocol';

/** What is at `path`, symbolic links followed, or undefined when there is nothing. */
export async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw targetError(error, path);
  }
}

/**
 * The path to replace by rename when the user names `path` as the target: that of the file itself
 * behind a symbolic link.
 * @throws InvalidArgument when something else than a regular file is there: renaming over `/dev/null`
 *   would take the device away.
 */
export async function replaceablePath(path: string, flag: string): Promise<string> {
  const there = await statIfThere(path);
  if (!there) return path;
  if (!there.isFile()) {
    const what = there.isDirectory() ? 'a folder' : 'not a regular file';
    throw sluiceError('InvalidArgument', { name: flag, detail: `${path} is ${what}` });
  }
  return realpath(path);
}

/** What a failed file operation on a target of the user's means. */
export function targetError(error: unknown, path: string): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const kind = code === 'ENOSPC' || code === 'EDQUOT' ? 'DiskFull' : 'TargetUnwritable';
  return sluiceError(kind, { path, detail: message }, { cause: error });
}
