import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** The files of one entry, all in a folder of its own. */
export interface EntryPaths {
  readonly folder: string;
  /** The content itself, sparse until complete. */
  readonly data: string;
  readonly journal: string;
  readonly record: string;
  readonly phf: string;
  readonly lock: string;
}

/** A folder name that no key can escape from; 128 bits of SHA-256 do not collide. */
export function folderNameOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

export function isFolderName(name: string): boolean {
  return /^[0-9a-f]{32}$/.test(name);
}

export function entryPaths(folder: string): EntryPaths {
  return {
    folder,
    data: join(folder, 'data'),
    journal: join(folder, 'pieces.journal'),
    record: join(folder, 'entry.json'),
    phf: join(folder, 'pieces.phf'),
    lock: join(folder, 'lock'),
  };
}
