import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { isSluiceError, sluiceError } from '@sluice/protocol';
import { diskError } from './disk-error.ts';
import { mayMakeFilesIn } from './user-rights.ts';

/** What tells one file from all others. */
export interface FileIdentity {
  dev: number;
  ino: number;
  /** When it was made, ms: file systems give the number of a deleted file to a new one. 0 where they do not say. */
  birthtimeMs?: number | undefined;
}

/** Bounds for files that are made for somebody who has less rights than this process. */
export interface Confinement {
  /** No file is made in it or below: the agent's own. */
  ownFolder: string;
  /** Who asks; files are made only where this user may make some. Undefined = it cannot be told. */
  uid?: number | undefined;
  /** Whether it is the file that was made at the start: no other is written or replaced. */
  isOwn(file: Stats): boolean;
}

/** A name in a folder that stays the same folder, whoever renames or links on the way to it. */
export interface HeldPlace extends Disposable {
  /** To be used while it is held, and not resolved: that would be another look at the way to it. */
  readonly path: string;
}

/** `O_PATH` of Linux: holds a folder, also one that cannot be listed. */
const pathOnly = 0x200000;

/**
 * Holds the folder of `path`. Who asks may own folders on the way to it, and have a link into the
 * agent's own there by the next system call; so the folder is opened, and the open one is looked at.
 * Systems that have no names for open files are left with its real path.
 * @throws TargetUnwritable
 */
export function holdPlace(path: string, { ownFolder, uid }: Confinement): HeldPlace {
  const folder = dirname(resolve(path));
  const isLinux = process.platform === 'linux';
  // Windows opens no folders.
  if (process.platform === 'win32') return plain(checked(realpathSync(folder), path, ownFolder));
  let fd: number;
  try {
    fd = openSync(folder, constants.O_DIRECTORY | (isLinux ? pathOnly : constants.O_RDONLY));
  } catch (error) {
    throw diskError(error, path, 'target');
  }
  try {
    const held = `/proc/self/fd/${fd}`;
    const real = isLinux ? readlinkSync(held) : realpathSync(folder);
    checked(real, path, ownFolder);
    if (uid !== undefined && !mayMakeFilesIn(real, fstatSync(fd), uid)) {
      throw refused(path, 'its user may not make files there');
    }
    const base = basename(path);
    return {
      path: isLinux ? `${held}/${base}` : join(real, base),
      [Symbol.dispose]: () => closeSync(fd),
    };
  } catch (error) {
    closeSync(fd);
    throw diskError(error, path, 'target');
  }
}

/** Names the file as its user does, not by where it is held. */
export async function inPlace<T>(
  path: string,
  confinement: Confinement | undefined,
  work: (held: string) => Promise<T>,
): Promise<T> {
  if (!confinement) return work(path);
  using place = holdPlace(path, confinement);
  try {
    return await work(place.path);
  } catch (error) {
    if (!isSluiceError(error) || error.params.path !== place.path) throw error;
    const detail = String(error.params.detail).replaceAll(place.path, path);
    throw sluiceError(error.code, { ...error.params, path, detail }, { cause: error.cause });
  }
}

/** That another stands there now. */
export function notOwn(path: string): Error {
  return refused(path, 'another file stands there than the one made at the start', 'EEXIST', 17);
}

function plain(folder: string): HeldPlace {
  return { path: folder, [Symbol.dispose]: () => {} };
}

/** @returns the real path of the file. */
function checked(real: string, path: string, ownFolder: string): string {
  if (`${real}${sep}`.startsWith(`${realpathSync(ownFolder)}${sep}`)) {
    throw refused(path, 'it is in a folder of the agent itself');
  }
  return join(real, basename(path));
}

function refused(path: string, detail: string, code = 'EACCES', errno = 13): Error {
  const cause = Object.assign(new Error(detail), { code, errno: -errno });
  return sluiceError('TargetUnwritable', { path, detail }, { cause });
}
