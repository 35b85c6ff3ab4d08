import { constants } from 'node:fs';
import { appendFile, copyFile, link, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';

/**
 * The operations by which store, jobs and accounting change the disk, so that tests can cut them short
 * at each (`crash.test.ts`). Each throws the system's error. The order in which they happen is in
 * docs/store.md.
 */
export interface FileOps {
  /** Makes a file with these bytes; one there is an error. @param mode less the umask. */
  create(path: string, bytes: Uint8Array | string, mode: number): Promise<void>;
  /** Adds bytes at the end of a file, which is made if there is none. A crash may leave a part of them. */
  append(path: string, bytes: Uint8Array | string, mode: number): Promise<void>;
  /** Makes a sparse file of that length; one there is an error. */
  createSparse(path: string, length: number): Promise<void>;
  /** Waits until the file has reached the disk. */
  sync(path: string): Promise<void>;
  /** Waits until the names in the folder have reached the disk, where the system can. */
  syncFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  link(from: string, to: string): Promise<void>;
  /** Copies by sharing the blocks; a file there is an error. */
  reflink(from: string, to: string): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  /** Deletes a file; none there is no fault, a folder is. */
  remove(path: string): Promise<void>;
  /** Deletes a file, or a folder with all in it; none there is no fault. */
  removeTree(path: string): Promise<void>;
  /** With its parents, for this user only. */
  makeFolder(path: string): Promise<void>;
}

export const realFiles: FileOps = {
  create: (path, bytes, mode) => writeFile(path, bytes, { flag: 'wx', mode }),
  append: (path, bytes, mode) => appendFile(path, bytes, { mode }),
  async createSparse(path, length) {
    const file = await open(path, 'wx', 0o666);
    try {
      await file.truncate(length);
    } finally {
      await file.close();
    }
  },
  sync: (path) => syncOf(path, 'r+'),
  // Windows opens no folders, and keeps the names in order by itself.
  syncFolder: async (path) => {
    if (process.platform !== 'win32') await syncOf(path, 'r');
  },
  rename,
  link,
  reflink: (from, to) =>
    copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL),
  chmod: async (path, mode) => {
    // In a folder of others a link may stand there by now.
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      await file.chmod(mode);
    } finally {
      await file.close();
    }
  },
  remove: (path) => rm(path, { force: true }),
  removeTree: (path) => rm(path, { force: true, recursive: true }),
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
};

async function syncOf(path: string, flags: string): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
