import { constants } from 'node:fs';
import { access, lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { sluiceError } from '@sluice/protocol';
import { diskError, errnoOf } from './disk-error.ts';

/**
 * The file that a delivery to `path` would make or replace: absolute, links followed.
 * @throws TargetUnwritable when its folder is missing or cannot be written, or when something stands
 *   there that is not a regular file (a device, a folder).
 */
export async function checkTarget(path: string): Promise<string> {
  try {
    const target = await resolveTarget(resolve(path));
    await access(dirname(target), constants.W_OK | constants.X_OK);
    return target;
  } catch (error) {
    throw diskError(error, path, 'target');
  }
}

async function resolveTarget(path: string): Promise<string> {
  const folder = await realpath(dirname(path)).catch((error) => {
    if (errnoOf(error) !== 'ENOENT') throw error;
    throw unwritable(path, `the folder ${dirname(path)} does not exist`);
  });
  const target = join(folder, basename(path));
  const stats = await lstat(target).catch((error) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (stats?.isSymbolicLink()) return resolveTarget(await linkedPath(target));
  if (stats && !stats.isFile()) throw unwritable(path, 'it exists and is not a regular file');
  return target;
}

async function linkedPath(target: string): Promise<string> {
  return realpath(target).catch((error) => {
    if (errnoOf(error) !== 'ENOENT') throw error;
    throw unwritable(target, 'it is a symbolic link to nowhere');
  });
}

function unwritable(path: string, detail: string): Error {
  return sluiceError('TargetUnwritable', { path, detail });
}
