import { writeSync } from 'node:fs';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { systemClock } from '../clock/system-clock.ts';
import { type FileOps, realFiles } from './file-ops.ts';
import { performTask, type WriteBytes } from './perform-task.ts';
import type { PieceWorker } from './piece-worker.ts';
import { PromptDisk } from './prompt-disk.ts';

/** How much of the operation happens at which everything ends. */
export type CutMode = 'before' | 'half' | 'after';

/** What every operation throws from the cut on: nobody is there any more to hear it. */
class Cut extends Error {}

/** What is not on the disk is lost: bytes that were not synced, or names that were not. */
export type PowerLoss = 'none' | 'bytes' | 'names';

/** The disk of a process that ends at its `cutAt`th operation, counted from 1. */
export class CutFiles implements FileOps {
  steps = 0;
  isCut = false;
  readonly #cutAt: number;
  readonly #mode: CutMode;
  readonly #unsynced = new Set<string>();
  /** What stood where something was renamed to. */
  readonly #replaced: { path: string; before: Buffer | undefined }[] = [];

  constructor(cutAt: number, mode: CutMode = 'before') {
    this.#cutAt = cutAt;
    this.#mode = mode;
  }

  create(path: string, bytes: Uint8Array | string, mode: number): Promise<void> {
    const half = () =>
      realFiles.create(path, Buffer.from(bytes).subarray(0, bytes.length / 2), mode);
    return this.#step(async () => {
      await realFiles.create(path, bytes, mode);
      this.#unsynced.add(path);
    }, half);
  }

  append(path: string, bytes: Uint8Array | string, mode: number): Promise<void> {
    const half = () =>
      realFiles.append(path, Buffer.from(bytes).subarray(0, bytes.length / 2), mode);
    return this.#step(async () => {
      await realFiles.append(path, bytes, mode);
      this.#unsynced.add(path);
    }, half);
  }

  createSparse(path: string, length: number): Promise<void> {
    return this.#step(
      () => realFiles.createSparse(path, length),
      () => realFiles.createSparse(path, 0),
    );
  }

  sync(path: string): Promise<void> {
    return this.#step(async () => {
      await realFiles.sync(path);
      this.#unsynced.delete(path);
    });
  }

  syncFolder(path: string): Promise<void> {
    return this.#step(async () => {
      await realFiles.syncFolder(path);
      this.#replaced.length = 0;
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#step(async () => {
      const before = await readFile(to).catch(() => undefined);
      await realFiles.rename(from, to);
      this.#replaced.push({ path: to, before });
      if (this.#unsynced.delete(from)) this.#unsynced.add(to);
    });
  }

  link(from: string, to: string): Promise<void> {
    return this.#step(() => realFiles.link(from, to));
  }

  reflink(from: string, to: string): Promise<void> {
    return this.#step(() => realFiles.reflink(from, to));
  }

  chmod(path: string, mode: number): Promise<void> {
    return this.#step(() => realFiles.chmod(path, mode));
  }

  chgrp(path: string, gid: number): Promise<void> {
    return this.#step(() => realFiles.chgrp(path, gid));
  }

  remove(path: string): Promise<void> {
    return this.#step(() => realFiles.remove(path));
  }

  removeTree(path: string): Promise<void> {
    return this.#step(() => realFiles.removeTree(path));
  }

  makeFolder(path: string): Promise<void> {
    return this.#step(() => realFiles.makeFolder(path));
  }

  /** What the disk has after the power has come back. */
  async losePower(what: PowerLoss): Promise<void> {
    if (what === 'bytes') {
      for (const path of this.#unsynced) await truncate(path, 0).catch(ignoreMissing);
    }
    if (what === 'names') {
      for (const { path, before } of this.#replaced.reverse()) {
        if (before) await writeFile(path, before);
        else await realFiles.remove(path);
      }
    }
  }

  /** A worker whose writes are operations, too. */
  worker(): PieceWorker {
    const write: WriteBytes = (fd, bytes, offset, length, position) => {
      if (this.isCut) throw new Cut();
      this.steps++;
      const isNow = this.steps === this.#cutAt;
      const cut = { before: 0, half: length >> 1, after: length };
      writeSync(fd, bytes, offset, isNow ? cut[this.#mode] : length, position);
      if (isNow) this.#cut();
      return length;
    };
    return {
      disk: new PromptDisk(systemClock),
      async write(piece) {
        const result = performTask(piece, write);
        if (typeof result === 'object') throw new Cut();
        return result === 'written';
      },
      takesRun: false,
      fetchRun: () => Promise.reject(new Error('not used')),
      prepare() {},
      async close() {},
      async [Symbol.asyncDispose]() {},
    };
  }

  async #step(whole: () => Promise<void>, half: () => Promise<void> = whole): Promise<void> {
    if (this.isCut) throw new Cut();
    this.steps++;
    if (this.steps !== this.#cutAt) return whole();
    if (this.#mode === 'half') await half().catch(() => {});
    if (this.#mode === 'after') await whole().catch(() => {});
    this.#cut();
  }

  #cut(): never {
    this.isCut = true;
    throw new Cut();
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
