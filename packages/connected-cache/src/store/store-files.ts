import { mkdir, open, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';

/** An open file of the store. */
export interface DataFile {
  readonly fd: number;
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number }>;
  /** Without a position at the end of a file opened for that. */
  writev(buffers: Uint8Array[], position?: number): Promise<{ bytesWritten: number }>;
  /** Waits until the bytes have reached the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * All that the store does to a disk, so that tests can cut it short or let it fail at each operation.
 * Each throws the system's error.
 */
export interface StoreFiles {
  open(path: string, flags: string | number): Promise<DataFile>;
  readFile(path: string): Promise<Buffer>;
  /** Makes a file with these bytes, in place of any before; torn when it is cut short. */
  writeFile(path: string, bytes: Uint8Array | string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a folder with all in it; none there is no fault. */
  remove(path: string): Promise<void>;
  /** Names in a folder. */
  list(path: string): Promise<string[]>;
  /** One there is no fault. @param parents whether to make those, too */
  makeFolder(path: string, parents: boolean): Promise<void>;
  /** Waits until the names in the folder have reached the disk, where the system can. */
  syncFolder(path: string): Promise<void>;
  /** Bytes that the file system of the folder has left for us. */
  freeBytes(path: string): Promise<number>;
}

export const realStoreFiles: StoreFiles = {
  open,
  readFile: (path) => readFile(path),
  writeFile: (path, bytes) => writeFile(path, bytes),
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  list: (path) => readdir(path),
  async makeFolder(path, parents) {
    try {
      await mkdir(path, { recursive: parents });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  },
  async syncFolder(path) {
    // Windows opens no folders, and keeps the names in order by itself.
    if (process.platform === 'win32') return;
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  async freeBytes(path) {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
};
