import path from 'node:path';
import { defaultDataDir } from '../paths/data-dir.ts';

export interface StateFlags {
  cacheDir?: string;
  stateDir?: string;
}

export function cacheDirOf({ cacheDir }: StateFlags): string {
  return path.resolve(cacheDir ?? defaultDataDir('cache'));
}

/** Where a node keeps what is its own: in the cache folder, unless it is told otherwise. */
export function stateDirOf(flags: StateFlags): string {
  return flags.stateDir === undefined
    ? path.join(cacheDirOf(flags), 'node')
    : path.resolve(flags.stateDir);
}
