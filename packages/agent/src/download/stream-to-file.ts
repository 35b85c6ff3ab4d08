import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sluiceError } from '@sluice/protocol';
import type { RunSink, Source } from '../source/index.ts';
import { checkTarget, diskError } from '../store/index.ts';
import type { Download } from './download.ts';

const bufferBytes = 1 << 20;

/**
 * Fetches a body whose length nobody tells: one stream to a temporary file beside the target, renamed
 * at the end. It cannot be resumed.
 * @throws what the source throws, Disk errors, Sha256Mismatch.
 */
export async function streamToFile(
  download: Download,
  source: Source,
  signal: AbortSignal,
): Promise<void> {
  const { request, progress, counters, id } = download;
  progress.notes.push('the source does not tell the length: one stream, not resumable');
  const target = await checkTarget(request.Output);
  const temporary = join(dirname(target), `.sluice-${id}.part`);
  try {
    const file = await open(temporary, 'wx', 0o666);
    const hash = createHash('sha256');
    const sink = new FileSink(file, (bytes) => {
      hash.update(bytes);
      progress.fileSize += bytes.length;
      counters.BytesFromHttp += bytes.length;
      if (source.kind === 'cache') counters.BytesFromCacheServer += bytes.length;
    });
    try {
      await source.fetch({ start: 0, end: Number.POSITIVE_INFINITY }, sink, signal);
      await sink.flush();
    } finally {
      await sink.settled();
      await file.close();
    }
    checkHash(download, hash.digest('hex'));
    download.setState('Transferred');
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw (error as NodeJS.ErrnoException).syscall ? diskError(error, target, 'target') : error;
  }
}

function checkHash({ request, progress }: Download, actual: string): void {
  const expected = request.Sha256?.toLowerCase();
  if (!expected) return;
  if (actual !== expected) throw sluiceError('Sha256Mismatch', { expected, actual });
  progress.sha256 = actual;
  progress.verified = true;
}

/** Writes behind the source: one buffer fills while the other is written. */
class FileSink implements RunSink {
  readonly #file: FileHandle;
  readonly #onBytes: (bytes: Uint8Array) => void;
  #filling = new Uint8Array(bufferBytes);
  #spare: Uint8Array<ArrayBuffer> | undefined = new Uint8Array(bufferBytes);
  #filled = 0;
  #position = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: FileHandle, onBytes: (bytes: Uint8Array) => void) {
    this.#file = file;
    this.#onBytes = onBytes;
  }

  space(): Uint8Array | undefined {
    if (this.#filled === this.#filling.length && !this.#swap()) return undefined;
    return this.#filling.subarray(this.#filled);
  }

  filled(n: number): void {
    this.#onBytes(this.#filling.subarray(this.#filled, this.#filled + n));
    this.#filled += n;
  }

  ready(): Promise<void> {
    return this.#writing;
  }

  /** Writes what is left. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#filled > 0) await this.#write(this.#filling.subarray(0, this.#filled));
  }

  /** Waits until nothing is being written, whether it went well or not. */
  async settled(): Promise<void> {
    await this.#writing.catch(() => {});
  }

  /** @returns false while the other buffer is still being written. */
  #swap(): boolean {
    const free = this.#spare;
    if (!free) return false;
    const full = this.#filling;
    this.#filling = free;
    this.#spare = undefined;
    this.#filled = 0;
    this.#writing = this.#write(full).then(() => {
      this.#spare = full;
    });
    // Whoever waits for it sees the fault; nobody may be waiting yet.
    this.#writing.catch(() => {});
    return true;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, this.#position);
      at += bytesWritten;
      this.#position += bytesWritten;
    }
  }
}
