import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sluiceError } from '@sluice/protocol';
import { diskError, errnoOf } from './disk-error.ts';
import type { FileOps } from './file-ops.ts';
import { checkFreeSpace } from './free-space.ts';

/** A way of bringing the data file to the target. */
export type Placement = 'moved' | 'reflinked' | 'linked' | 'copied';

/** One delivery: a temporary name in the target's folder, then a rename, so that nobody sees half a file. */
export class TargetFile {
  readonly #data: string;
  readonly #target: string;
  readonly #temporary: string;
  readonly #files: FileOps;
  /** The mode that new files get here: 0666 less the umask. */
  #mode = 0o666;
  /** The group that new files get here: where the folder says so (setgid), the folder's. */
  #gid = -1;

  /**
   * @param data the complete data file.
   * @param target of `checkTarget`.
   * @param tag names the temporary file, so that a killed delivery's leftover is reused by the next.
   */
  constructor(data: string, target: string, tag: string, files: FileOps) {
    this.#files = files;
    this.#data = data;
    this.#target = target;
    this.#temporary = join(dirname(target), `.sluice-${tag}.part`);
  }

  /** Makes sure that files can be made in the folder. @throws TargetUnwritable */
  async prepare(): Promise<void> {
    try {
      await this.discard();
      const probe = await open(this.#temporary, 'wx', 0o666);
      try {
        const { mode, gid } = await probe.stat();
        this.#mode = mode & 0o777;
        this.#gid = gid;
      } finally {
        await probe.close();
      }
    } catch (error) {
      throw diskError(error, this.#target, 'target');
    }
  }

  /** Renames the data file itself. @returns false when the target is on another file system, or of a group that cannot be given. */
  async move(): Promise<boolean> {
    await this.#files.chmod(this.#data, this.#mode);
    if (!(await this.#giveToGroup(this.#data))) return false;
    return this.#attempt(() => this.#files.rename(this.#data, this.#target), ['EXDEV']);
  }

  /** Shares the blocks, copy on write. @returns false where the file system cannot. */
  async reflink(): Promise<boolean> {
    await this.discard();
    try {
      await this.#files.reflink(this.#data, this.#temporary);
    } catch {
      // There are as many codes for "cannot" as file systems; a fault of the disk shows in the next way.
      return false;
    }
    await this.#publish();
    return true;
  }

  /** A second name of the same inode. @returns false where the file system cannot, or as for `move`. */
  async hardLink(): Promise<boolean> {
    await this.discard();
    const cannot = ['EXDEV', 'EPERM', 'EACCES', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];
    if (!(await this.#attempt(() => this.#files.link(this.#data, this.#temporary), cannot)))
      return false;
    if (!(await this.#giveToGroup(this.#temporary))) return false;
    await this.#publish();
    return true;
  }

  /** @throws DiskFull before a byte is written when it will not fit; Cancelled. */
  async copy(source: FileHandle, length: number, signal?: AbortSignal): Promise<void> {
    try {
      await this.discard();
      await checkFreeSpace(dirname(this.#target), length, this.#target);
      const copy = await open(this.#temporary, 'wx', 0o666);
      try {
        await copyBytes(source, copy, length, signal);
      } finally {
        await copy.close();
      }
      await this.#files.rename(this.#temporary, this.#target);
    } catch (error) {
      throw diskError(error, this.#target, 'target');
    }
  }

  /** Deletes the temporary file, when there is one. */
  async discard(): Promise<void> {
    await this.#files.remove(this.#temporary);
  }

  /**
   * Files that are made here have their group by themselves, that of the store has not.
   * @returns false when this user is not in the group: a copy will have it all the same.
   */
  async #giveToGroup(path: string): Promise<boolean> {
    return this.#attempt(async () => {
      if ((await stat(path)).gid !== this.#gid) await this.#files.chgrp(path, this.#gid);
    }, ['EPERM']);
  }

  async #publish(): Promise<void> {
    try {
      await this.#files.chmod(this.#temporary, this.#mode);
      await this.#files.rename(this.#temporary, this.#target);
    } catch (error) {
      throw diskError(error, this.#target, 'target');
    }
  }

  async #attempt(way: () => Promise<void>, cannot: string[]): Promise<boolean> {
    try {
      await way();
      return true;
    } catch (error) {
      if (cannot.includes(errnoOf(error) ?? '')) return false;
      throw diskError(error, this.#target, 'target');
    }
  }
}

const copyChunk = 1_048_576;

async function copyBytes(
  from: FileHandle,
  to: FileHandle,
  length: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(copyChunk, Math.max(1, length)));
  for (let at = 0; at < length; ) {
    if (signal?.aborted) throw sluiceError('Cancelled', {}, { cause: signal.reason });
    const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, length - at), at);
    if (bytesRead === 0) throw sluiceError('Internal', { detail: 'the data file ended early' });
    for (let done = 0; done < bytesRead; ) {
      done += (await to.write(buffer, done, bytesRead - done, at + done)).bytesWritten;
    }
    at += bytesRead;
  }
}
