import { statfsSync } from 'node:fs';
import { sluiceError } from '@sluice/protocol';

/** Looked at after so many bytes. */
const everyBytes = 1 << 20;
/** What is left to others: this share of the disk, and no more than so many bytes. */
const share = 0.05;
const maxReserve = 1 << 30;

/**
 * Watches the disk while a body of unknown length is written: one that never ends would take all of it, from
 * everybody on this device.
 */
export class RoomWatch {
  readonly #folder: string;
  readonly #path: string;
  readonly #stop = new AbortController();
  #since = 0;

  /** @param path the file to name in the error. */
  constructor(folder: string, path: string) {
    this.#folder = folder;
    this.#path = path;
  }

  /** Aborts with DiskFull. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  wrote(bytes: number): void {
    this.#since += bytes;
    if (this.#since < everyBytes) return;
    this.#since = 0;
    const { bavail, blocks, bsize } = statfsSync(this.#folder);
    const reserve = Math.min(maxReserve, share * blocks * bsize);
    const free = bavail * bsize;
    if (free >= reserve) return;
    const detail = `${free} bytes free, and the source has told no length`;
    this.#stop.abort(sluiceError('DiskFull', { path: this.#path, detail }));
  }
}
